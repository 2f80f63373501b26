/* Two peers: softmax regression and networks with one hidden layer in C, for one core. With -DLOOPS, "c": plain loops over sizes that are known
 * when it runs, as the textbook has them; the compiler vectorizes them. Without, "c.tuned": as a good programmer would write them for these three
 * sizes and no others, for orientation.
 * Built with: gcc -O3 -march=native -ffast-math. Asked line by line, answers line by line in JSON; see README.md.
 *
 * Tuned: the sizes of the three models are constants where the loops run, so that the compiler unrolls and vectorizes them.
 * A wide layer (16 outputs or more) keeps weights as [inputs][outputs], filled up to whole vectors; a narrow one as [outputs][inputs].
 * Batch 1: gradients are never stored, each weight is moved as its gradient is known. Larger batches: blocks of rows share each weight
 * that is loaded, and gradients are sums over all rows held in registers, block of weights by block, moved at once.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16
#define PAD(n) (((n) + LANES - 1) / LANES * LANES)

/* One vector of floats; the compiler splits it where the machine's are shorter. */
typedef float vec __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4)));

typedef struct
{
    int inputs, hidden, classes;            /* hidden 0: none */
    int rows;
    float *features;                        /* [rows][inputs] */
    int *labels;
    float *w1, *b1;                         /* [inputs][PAD(hidden)] */
    float *w2, *b2;                         /* [classes][hidden or inputs, PAD] */
    float *h, *gh, *g;                      /* of a batch: hidden values, their gradients, gradients of the scores */
} model;

INLINE vec load(const float *p) { return *(const loose *)p; }
INLINE void store(float *p, vec v) { *(loose *)p = v; }
INLINE vec all(float x) { return x - (vec){0}; }

INLINE float sum(vec v)
{
    float s = 0;
    for (int i = 0; i < LANES; i++) s += v[i];
    return s;
}

/* scores → gradient of the loss by the scores, times factor; gives the loss */
INLINE float softmax(float *scores, int classes, int label, float factor)
{
    float most = scores[0], total = 0, wanted = scores[label];
    for (int c = 1; c < classes; c++) most = scores[c] > most ? scores[c] : most;
    for (int c = 0; c < classes; c++) total += scores[c] = expf(scores[c] - most);
    for (int c = 0; c < classes; c++) scores[c] *= factor / total;
    scores[label] -= factor;
    return logf(total) + most - wanted;
}

/* Narrow: scores[c] = b[c] + w[c] · x */
INLINE void narrow_forward(const float *w, const float *b, const float *x, float *scores, int inputs, int classes)
{
    const int width = PAD(inputs), whole = inputs / LANES * LANES;
    vec s[16];
    for (int c = 0; c < classes; c++) s[c] = (vec){0};
    for (int k = 0; k < whole; k += LANES)
    {
        vec v = load(x + k);
#pragma GCC unroll 16
        for (int c = 0; c < classes; c++) s[c] += load(w + c * width + k) * v;
    }
    for (int c = 0; c < classes; c++)
    {
        float rest = b[c];
        for (int k = whole; k < inputs; k++) rest += w[c * width + k] * x[k];
        scores[c] = rest + sum(s[c]);
    }
}

/* Narrow, one row: moves w and b against the gradient g of the scores; gx (or null) gets the gradient of x by the weights before */
INLINE void narrow_move(float *w, float *b, const float *x, const float *g, float *gx, int inputs, int classes, float rate)
{
    const int width = PAD(inputs);
    for (int k = 0; k < width; k += LANES)         /* x is followed by something finite, and the last weights of a line are not read */
    {
        vec v = load(x + k), to = (vec){0};
#pragma GCC unroll 16
        for (int c = 0; c < classes; c++)
        {
            vec old = load(w + c * width + k);
            if (gx) to += all(g[c]) * old;
            store(w + c * width + k, old - all(rate * g[c]) * v);
        }
        if (gx) store(gx + k, to);
    }
    for (int c = 0; c < classes; c++) b[c] -= rate * g[c];
}

/* Narrow, many rows: as above, with the sum of their gradients */
INLINE void narrow_move_rows(float *w, float *b, const float *x, const float *g, int rows, int inputs, int stride, int classes, float rate)
{
    const int width = PAD(inputs);
    for (int k = 0; k < width; k += 2 * LANES)
    {
        const int two = k + LANES < width;
        vec s[2][16];
        for (int c = 0; c < classes; c++) s[0][c] = s[1][c] = (vec){0};
        for (int r = 0; r < rows; r++)
        {
            vec v0 = load(x + r * stride + k), v1 = load(x + r * stride + (two ? k + LANES : k));
#pragma GCC unroll 16
            for (int c = 0; c < classes; c++)
            {
                vec gc = all(g[r * 16 + c]);
                s[0][c] += gc * v0;
                s[1][c] += gc * v1;
            }
        }
        for (int c = 0; c < classes; c++)
        {
            float *p = w + c * width + k;
            store(p, load(p) - all(rate) * s[0][c]);
            if (two) store(p + LANES, load(p + LANES) - all(rate) * s[1][c]);
        }
    }
    for (int c = 0; c < classes; c++)
    {
        float s = 0;
        for (int r = 0; r < rows; r++) s += g[r * 16 + c];
        b[c] -= rate * s;
    }
}

/* Wide, a few rows: h[r] = relu(b + x[r] · w) */
INLINE void wide_forward(const float *w, const float *b, const float *x, float *h, int rows, int inputs, int outputs)
{
    const int vectors = PAD(outputs) / LANES, width = PAD(outputs);
    vec s[6][4];
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < vectors; j++) s[r][j] = load(b + j * LANES);
    if (rows == 1)                                  /* four chains, or the sums wait for each other */
    {
        vec t[4][4];
        memset(t, 0, sizeof t);
        int k = 0;
        for (; k + 4 <= inputs; k += 4)
        {
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
                for (int j = 0; j < vectors; j++) t[i][j] += all(x[k + i]) * load(w + (k + i) * width + j * LANES);
        }
        for (; k < inputs; k++)
            for (int j = 0; j < vectors; j++) s[0][j] += all(x[k]) * load(w + k * width + j * LANES);
        for (int j = 0; j < vectors; j++) s[0][j] += t[0][j] + t[1][j] + t[2][j] + t[3][j];
    }
    else
    {
        for (int k = 0; k < inputs; k++)
        {
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++)
            {
                vec v = all(x[r * inputs + k]);
#pragma GCC unroll 4
                for (int j = 0; j < vectors; j++) s[r][j] += v * load(w + k * width + j * LANES);
            }
        }
    }
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < vectors; j++)
        {
            vec v = s[r][j];
            for (int i = 0; i < LANES; i++) h[r * width + j * LANES + i] = v[i] > 0 ? v[i] : 0;
        }
}

/* Wide, one row: moves w and b against the gradient g of the outputs */
INLINE void wide_move(float *w, float *b, const float *x, const float *g, int inputs, int outputs, float rate)
{
    const int vectors = PAD(outputs) / LANES, width = PAD(outputs);
    vec step[4];
    for (int j = 0; j < vectors; j++) step[j] = all(rate) * load(g + j * LANES);
    for (int k = 0; k < inputs; k++)
    {
        vec v = all(x[k]);
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++)
        {
            float *p = w + k * width + j * LANES;
            store(p, load(p) - step[j] * v);
        }
    }
    for (int j = 0; j < vectors; j++) store(b + j * LANES, load(b + j * LANES) - step[j]);
}

/* Wide, many rows: as above, with the sum of their gradients; six lines of weights at once */
INLINE void wide_move_lines(float *w, const float *x, const float *g, int rows, int inputs, int outputs, int lines, float rate)
{
    const int vectors = PAD(outputs) / LANES, width = PAD(outputs);
    vec s[6][4];
    memset(s, 0, sizeof s);
    for (int r = 0; r < rows; r++)
    {
#pragma GCC unroll 8
        for (int i = 0; i < lines; i++)
        {
            vec v = all(x[r * inputs + i]);
#pragma GCC unroll 4
            for (int j = 0; j < vectors; j++) s[i][j] += v * load(g + r * width + j * LANES);
        }
    }
    for (int i = 0; i < lines; i++)
        for (int j = 0; j < vectors; j++)
        {
            float *p = w + i * width + j * LANES;
            store(p, load(p) - all(rate) * s[i][j]);
        }
}

INLINE void wide_move_rows(float *w, float *b, const float *x, const float *g, int rows, int inputs, int outputs, float rate)
{
    const int width = PAD(outputs);
    int k = 0;
    for (; k + 6 <= inputs; k += 6) wide_move_lines(w + k * width, x + k, g, rows, inputs, outputs, 6, rate);
    for (; k < inputs; k++) wide_move_lines(w + k * width, x + k, g, rows, inputs, outputs, 1, rate);
    for (int j = 0; j < width; j += LANES)
    {
        vec s = (vec){0};
        for (int r = 0; r < rows; r++) s += load(g + r * width + j);
        store(b + j, load(b + j) - all(rate) * s);
    }
}

/* One step from the rows at x; gives the mean loss */
INLINE float step(model *m, const float *x, const int *labels, int rows, int inputs, int hidden, int classes, float rate)
{
    const int width = PAD(hidden);
    const float factor = 1.0f / rows;
    float loss = 0;
    if (rows == 1)
    {
        float scores[16];
        if (hidden) wide_forward(m->w1, m->b1, x, m->h, 1, inputs, hidden);
        const float *from = hidden ? m->h : x;
        narrow_forward(m->w2, m->b2, from, scores, hidden ? hidden : inputs, classes);
        loss = softmax(scores, classes, labels[0], 1);
        narrow_move(m->w2, m->b2, from, scores, hidden ? m->gh : 0, hidden ? hidden : inputs, classes, rate);
        if (!hidden) return loss;
        for (int j = 0; j < width; j++) m->gh[j] = m->h[j] > 0 ? m->gh[j] : 0;
        wide_move(m->w1, m->b1, x, m->gh, inputs, hidden, rate);
        return loss;
    }
    if (hidden)
    {
        int r = 0;
        for (; r + 6 <= rows; r += 6) wide_forward(m->w1, m->b1, x + r * inputs, m->h + r * width, 6, inputs, hidden);
        for (; r < rows; r++) wide_forward(m->w1, m->b1, x + r * inputs, m->h + r * width, 1, inputs, hidden);
    }
    const float *from = hidden ? m->h : x;
    const int stride = hidden ? width : inputs, lower = hidden ? hidden : inputs;
    for (int r = 0; r < rows; r++)
    {
        float *g = m->g + r * 16;
        narrow_forward(m->w2, m->b2, from + r * stride, g, lower, classes);
        loss += softmax(g, classes, labels[r], factor);
        if (!hidden) continue;
        for (int j = 0; j < width; j += LANES)
        {
            vec s = (vec){0};
#pragma GCC unroll 16
            for (int c = 0; c < classes; c++) s += all(g[c]) * load(m->w2 + c * width + j);
            for (int i = 0; i < LANES; i++) m->gh[r * width + j + i] = m->h[r * width + j + i] > 0 ? s[i] : 0;
        }
    }
    narrow_move_rows(m->w2, m->b2, from, m->g, rows, lower, stride, classes, rate);
    if (hidden) wide_move_rows(m->w1, m->b1, x, m->gh, rows, inputs, hidden, rate);
    return loss * factor;
}

INLINE void answer(model *m, const float *x, float *scores, int inputs, int hidden, int classes)
{
    if (hidden) wide_forward(m->w1, m->b1, x, m->h, 1, inputs, hidden);
    narrow_forward(m->w2, m->b2, hidden ? m->h : x, scores, hidden ? hidden : inputs, classes);
    float most = scores[0], total = 0;
    for (int c = 1; c < classes; c++) most = scores[c] > most ? scores[c] : most;
    for (int c = 0; c < classes; c++) total += scores[c] = expf(scores[c] - most);
    for (int c = 0; c < classes; c++) scores[c] /= total;
}

#ifdef LOOPS
static void forward(model *m, const float *x, float *h, float *scores)
{
    const int inputs = m->inputs, hidden = m->hidden, width = PAD(hidden), lower = hidden ? hidden : inputs;
    if (hidden)
    {
        for (int j = 0; j < hidden; j++) h[j] = m->b1[j];
        for (int k = 0; k < inputs; k++)
            for (int j = 0; j < hidden; j++) h[j] += x[k] * m->w1[k * width + j];
        for (int j = 0; j < hidden; j++) h[j] = h[j] > 0 ? h[j] : 0;
    }
    const float *from = hidden ? h : x;
    for (int c = 0; c < m->classes; c++)
    {
        float s = m->b2[c];
        for (int k = 0; k < lower; k++) s += from[k] * m->w2[c * PAD(lower) + k];
        scores[c] = s;
    }
}

/* Moves weights against a gradient, or adds it up */
static void move(float *w, const float *x, const float *g, int inputs, int outputs, int width, float factor)
{
    for (int k = 0; k < inputs; k++)
        for (int j = 0; j < outputs; j++) w[k * width + j] += factor * x[k] * g[j];
}

static float take(model *m, const float *x, const int *labels, int rows, float rate)
{
    const int inputs = m->inputs, hidden = m->hidden, width = PAD(hidden), lower = hidden ? hidden : inputs, classes = m->classes;
    const size_t first = (size_t)inputs * width, second = (size_t)classes * PAD(lower);
    static float *d1, *d2;
    static size_t room1, room2;
    float e1[256], e2[16], scores[16], gh[256], loss = 0;
    if (room1 < first) d1 = realloc(d1, 4 * (room1 = first));
    if (room2 < second) d2 = realloc(d2, 4 * (room2 = second));
    if (rows > 1)
    {
        memset(d1, 0, 4 * first), memset(d2, 0, 4 * second), memset(e1, 0, sizeof e1), memset(e2, 0, sizeof e2);
    }
    for (int r = 0; r < rows; r++)
    {
        const float *row = x + (size_t)r * inputs, *from = hidden ? m->h : row;
        forward(m, row, m->h, scores);
        loss += softmax(scores, classes, labels[r], 1.0f / rows);
        if (hidden)
        {
            for (int j = 0; j < hidden; j++) gh[j] = 0;
            for (int c = 0; c < classes; c++)
                for (int j = 0; j < hidden; j++) gh[j] += scores[c] * m->w2[c * PAD(lower) + j];
            for (int j = 0; j < hidden; j++) gh[j] = m->h[j] > 0 ? gh[j] : 0;
        }
        const float factor = rows == 1 ? -rate : 1;
        move(rows == 1 ? m->w2 : d2, scores, from, classes, lower, PAD(lower), factor);
        for (int c = 0; c < classes; c++) (rows == 1 ? m->b2 : e2)[c] += factor * scores[c];
        if (!hidden) continue;
        move(rows == 1 ? m->w1 : d1, row, gh, inputs, hidden, width, factor);
        for (int j = 0; j < hidden; j++) (rows == 1 ? m->b1 : e1)[j] += factor * gh[j];
    }
    if (rows == 1) return loss;
    for (size_t i = 0; i < second; i++) m->w2[i] -= rate * d2[i];
    for (int c = 0; c < classes; c++) m->b2[c] -= rate * e2[c];
    for (size_t i = 0; i < first; i++) m->w1[i] -= rate * d1[i];
    for (int j = 0; j < hidden; j++) m->b1[j] -= rate * e1[j];
    return loss / rows;
}

static void ask(model *m, const float *x, float *scores)
{
    forward(m, x, m->h, scores);
    softmax(scores, m->classes, 0, 1);
    scores[0] += 1;
}

#define SIZES(F) F(561, 0, 6) F(561, 64, 6) F(784, 30, 10)
#else
/* The sizes that are compiled */
#define SIZES(F) F(561, 0, 6) F(561, 64, 6) F(784, 30, 10)

#define COMPILED(I, H, C) \
    static __attribute__((noinline)) float one_##I##_##H(model *m, const float *x, const int *l, float rate) \
    { return step(m, x, l, 1, I, H, C, rate); } \
    static __attribute__((noinline)) float many_##I##_##H(model *m, const float *x, const int *l, int rows, float rate) \
    { return step(m, x, l, rows, I, H, C, rate); } \
    static __attribute__((noinline)) void answer_##I##_##H(model *m, const float *x, float *scores) { answer(m, x, scores, I, H, C); }
SIZES(COMPILED)

static float take(model *m, const float *x, const int *labels, int rows, float rate)
{
#define STEP(I, H, C) \
    if (m->inputs == I && m->hidden == H) return rows == 1 ? one_##I##_##H(m, x, labels, rate) : many_##I##_##H(m, x, labels, rows, rate);
    SIZES(STEP)
    abort();
}

static void ask(model *m, const float *x, float *scores)
{
#define ANSWER(I, H, C) if (m->inputs == I && m->hidden == H) { answer_##I##_##H(m, x, scores); return; }
    SIZES(ANSWER)
    abort();
}
#endif

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static float *zeros(size_t n)
{
    n = (n * 4 + 127) / 64 * 64;
    float *p = aligned_alloc(64, n);
    if (!p) abort();
    return memset(p, 0, n);
}

static void get(void *p, size_t bytes, FILE *f) { if (fread(p, 1, bytes, f) != bytes) exit(3); }

/* The file: int32 rows, inputs, classes, values; features, labels, weights and biases in the order of the layers, [inputs][outputs] */
static const char *fill(model *m, const char *path, const char *spec)
{
    FILE *f = fopen(path, "rb");
    int32_t head[4], hidden = 0;
    if (!f) return "no such file";
    get(head, sizeof head, f);
    if (sscanf(spec, "dense:%d,relu,dense:", &hidden) != 1 || !strstr(spec, "relu")) hidden = 0;
    int compiled = 0;
#define KNOWN(I, H, C) compiled |= head[1] == I && hidden == H && head[2] == C;
    SIZES(KNOWN)
    if (!compiled || strstr(spec, "conv")) return "compiled for other sizes";
    free(m->features), free(m->labels), free(m->w1), free(m->b1), free(m->w2), free(m->b2), free(m->h), free(m->gh), free(m->g);
    m->rows = head[0], m->inputs = head[1], m->hidden = hidden, m->classes = head[2];
    const int width = PAD(hidden), lower = hidden ? hidden : m->inputs;
    m->features = zeros((size_t)m->rows * m->inputs + LANES), m->labels = malloc(4 * m->rows);
    get(m->features, 4 * (size_t)m->rows * m->inputs, f);
    get(m->labels, 4 * (size_t)m->rows, f);
    m->w1 = zeros((size_t)m->inputs * width), m->b1 = zeros(width);
    m->w2 = zeros((size_t)m->classes * PAD(lower)), m->b2 = zeros(m->classes);
    m->h = zeros(4096 * (size_t)width + LANES), m->gh = zeros(4096 * (size_t)width + LANES), m->g = zeros(4096 * 16);
    if (hidden)
    {
        for (int k = 0; k < m->inputs; k++) get(m->w1 + k * width, 4 * hidden, f);
        get(m->b1, 4 * hidden, f);
    }
    for (int k = 0; k < lower; k++)
        for (int c = 0; c < m->classes; c++) get(m->w2 + c * PAD(lower) + k, 4, f);
    get(m->b2, 4 * m->classes, f);
    fclose(f);
    return 0;
}

static int ascending(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

int main(void)
{
    static model models[256];
    char line[4096], verb[32], name[32], rest[4096];
    setvbuf(stdout, 0, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin))
    {
        name[0] = rest[0] = 0;
        if (sscanf(line, "%31s %31s %4095[^\n]", verb, name, rest) < 1) continue;
        model *m = &models[(unsigned char)name[0]];
        int batch = 1, steps = 0;
        float rate = 0.001f;
        double value = 0, from = cpu(), began = wall();
        if (!strcmp(verb, "hello"))
        {
            printf("{\"name\": \"gcc %s\"}\n", __VERSION__);
            continue;
        }
        if (!strcmp(verb, "load"))
        {
            char path[2048], spec[2048];
            const char *wrong = sscanf(rest, "%2047s %*s %2047s", path, spec) == 2 ? fill(m, path, spec) : "expected a path, a shape and layers";
            if (wrong) printf("{\"missing\": \"%s\"}\n", wrong);
            else printf("{\"name\": \"%s\"}\n", name);
            continue;
        }
        if (!m->features) { printf("{\"error\": \"not loaded: %s\"}\n", name); continue; }
        if (!strcmp(verb, "train") && sscanf(rest, "%d %d", &batch, &steps) == 2)
        {
            for (int s = 0; s < steps; s++)
            {
                value = take(m, m->features, m->labels, batch, rate);
            }
        }
        else if (!strcmp(verb, "check") && sscanf(rest, "%d %d %f", &batch, &steps, &rate) == 3)
        {
            for (int s = 0; s < steps; s++) value += take(m, m->features, m->labels, batch, rate) / steps;
        }
        else if (!strcmp(verb, "infer") && sscanf(rest, "%d", &steps) == 1)
        {
            float scores[16];
            double *took = malloc(sizeof(double) * steps);
            for (int s = 0; s < steps; s++)
            {
                double start = wall();
                ask(m, m->features + (size_t)(s % m->rows) * m->inputs, scores);
                took[s] = wall() - start;
            }
            qsort(took, steps, sizeof(double), ascending);
            value = 1e6 * took[steps / 2];
            free(took);
        }
        else { printf("{\"error\": \"unknown: %s\"}\n", verb); continue; }
        printf("{\"cpu\": %.9f, \"wall\": %.9f, \"value\": %.9g}\n", cpu() - from, wall() - began, value);
    }
    return 0;
}
