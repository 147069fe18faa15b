"""What servers have said about their labs besides samples: alarms, health, jobs, devices. Plain memory, main thread."""
