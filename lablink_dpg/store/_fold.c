/* The lows and highs of every sixteen values, in one pass where numpy needs eight.
 *
 * As numpy's fmin and fmax have it: a NaN counts only where there is nothing else. pyramid.py does the same with numpy
 * where this could not be compiled, and is what its results are compared with.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <string.h>
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define HAS_SSE2 /* every x86-64 has it; compilers make no such instructions of the loops below by themselves */
#endif

#define FANOUT 16
#define LONG_CELLS 16384 /* of all channels, 0.1 ms: others may run meanwhile, which takes longer than a few cells do */

/* Each extreme begins with the infinity beyond which nothing lies, and keeps what it has where the next value is a NaN:
 * comparing with one is false, and SSE2 then gives its second operand. Where all were NaN the low is above the high. */
#define STORE(LEAST, MOST)                                                                                             \
    do {                                                                                                               \
        low[cell] = (LEAST) > (MOST) ? NAN : (LEAST);                                                                  \
        high[cell] = (LEAST) > (MOST) ? NAN : (MOST);                                                                  \
    } while (0)

#ifdef HAS_SSE2

static void fold_doubles(const double *lows, const double *highs, double *low, double *high, Py_ssize_t cells)
{
    const __m128d above = _mm_set1_pd(INFINITY), below = _mm_set1_pd(-INFINITY);
    for (Py_ssize_t cell = 0; cell < cells; cell++, lows += FANOUT, highs += FANOUT) {
        __m128d least = above, least_too = above, most = below, most_too = below; /* two, as one waits for the last */
        for (int k = 0; k < FANOUT; k += 4) {
            least = _mm_min_pd(_mm_loadu_pd(lows + k), least);
            least_too = _mm_min_pd(_mm_loadu_pd(lows + k + 2), least_too);
            most = _mm_max_pd(_mm_loadu_pd(highs + k), most);
            most_too = _mm_max_pd(_mm_loadu_pd(highs + k + 2), most_too);
        }
        least = _mm_min_pd(least, least_too);
        most = _mm_max_pd(most, most_too);
        STORE(_mm_cvtsd_f64(_mm_min_sd(_mm_unpackhi_pd(least, least), least)),
              _mm_cvtsd_f64(_mm_max_sd(_mm_unpackhi_pd(most, most), most)));
    }
}

static void fold_floats(const float *lows, const float *highs, float *low, float *high, Py_ssize_t cells)
{
    const __m128 above = _mm_set1_ps(INFINITY), below = _mm_set1_ps(-INFINITY);
    for (Py_ssize_t cell = 0; cell < cells; cell++, lows += FANOUT, highs += FANOUT) {
        __m128 least = above, most = below;
        for (int k = 0; k < FANOUT; k += 4) {
            least = _mm_min_ps(_mm_loadu_ps(lows + k), least);
            most = _mm_max_ps(_mm_loadu_ps(highs + k), most);
        }
        least = _mm_min_ps(_mm_movehl_ps(least, least), least);
        most = _mm_max_ps(_mm_movehl_ps(most, most), most);
        STORE(_mm_cvtss_f32(_mm_min_ss(_mm_shuffle_ps(least, least, 1), least)),
              _mm_cvtss_f32(_mm_max_ss(_mm_shuffle_ps(most, most, 1), most)));
    }
}

#else

#define FOLD(NAME, TYPE)                                                                                               \
    static void NAME(const TYPE *lows, const TYPE *highs, TYPE *low, TYPE *high, Py_ssize_t cells)                     \
    {                                                                                                                  \
        for (Py_ssize_t cell = 0; cell < cells; cell++, lows += FANOUT, highs += FANOUT) {                             \
            TYPE least = (TYPE)INFINITY, most = -(TYPE)INFINITY;                                                       \
            for (int k = 0; k < FANOUT; k++) {                                                                         \
                least = lows[k] < least ? lows[k] : least;                                                             \
                most = highs[k] > most ? highs[k] : most;                                                              \
            }                                                                                                          \
            STORE(least, most);                                                                                        \
        }                                                                                                              \
    }
FOLD(fold_doubles, double)
FOLD(fold_floats, float)

#endif

/* Columns first to first + count - 1 of a two-dimensional array, each row of which lies without gaps. */
static int look(PyObject *array, Py_buffer *view, int is_written, Py_ssize_t first, Py_ssize_t count)
{
    if (PyObject_GetBuffer(array, view, PyBUF_STRIDES | PyBUF_FORMAT | (is_written ? PyBUF_WRITABLE : 0)) < 0)
        return -1;
    if (view->ndim == 2 && (!strcmp(view->format, "d") || !strcmp(view->format, "f")) &&
        view->strides[1] == view->itemsize && first >= 0 && count >= 0 && count <= view->shape[1] - first)
        return 0;
    PyErr_Format(PyExc_ValueError, "no array of float64 or float32 with rows of %zd values from %zd on", count, first);
    PyBuffer_Release(view);
    return -1;
}

static void fold_all(const Py_buffer *views, Py_ssize_t from, Py_ssize_t to, Py_ssize_t cells)
{
    Py_ssize_t size = views[0].itemsize;
    for (Py_ssize_t row = 0; row < views[0].shape[0]; row++) {
        char *at[4];
        for (int k = 0; k < 4; k++)
            at[k] = (char *)views[k].buf + row * views[k].strides[0] + (k < 2 ? from : to) * size;
        if (size == sizeof(double))
            fold_doubles((double *)at[0], (double *)at[1], (double *)at[2], (double *)at[3], cells);
        else
            fold_floats((float *)at[0], (float *)at[1], (float *)at[2], (float *)at[3], cells);
    }
}

static PyObject *fold(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *arrays[4];
    Py_ssize_t from, to, cells;
    Py_buffer views[4];
    int held = 0;
    if (!PyArg_ParseTuple(arguments, "OOnOOnn", &arrays[0], &arrays[1], &from, &arrays[2], &arrays[3], &to, &cells))
        return NULL;
    if (cells < 0 || cells > PY_SSIZE_T_MAX / FANOUT) {
        PyErr_SetString(PyExc_ValueError, "as many cells as there cannot be");
        return NULL;
    }
    while (held < 4) {
        int is_written = held > 1;
        if (look(arrays[held], &views[held], is_written, is_written ? to : from, is_written ? cells : cells * FANOUT) < 0)
            break;
        held++;
        if (views[held - 1].shape[0] != views[0].shape[0] || views[held - 1].itemsize != views[0].itemsize) {
            PyErr_SetString(PyExc_ValueError, "arrays of different types or numbers of rows");
            break;
        }
    }
    if (!PyErr_Occurred()) {
        if (cells * views[0].shape[0] < LONG_CELLS)
            fold_all(views, from, to, cells);
        else {
            Py_BEGIN_ALLOW_THREADS;
            fold_all(views, from, to, cells);
            Py_END_ALLOW_THREADS;
        }
    }
    while (held > 0)
        PyBuffer_Release(&views[--held]);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"fold", fold, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int say_version(PyObject *module)
{
    return PyModule_AddIntConstant(module, "VERSION", 1); /* of what fold takes: folding.py uses no other */
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, say_version},
    {0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fold", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__fold(void)
{
    return PyModuleDef_Init(&module);
}
