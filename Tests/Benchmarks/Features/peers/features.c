/* A peer: features of windows by plain loops in C, as README.md states them. Sums in double. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    MEAN = 1, DEVIATION = 2, MIN = 4, MAX = 8, RMS = 16, CREST = 32, SKEWNESS = 64, KURTOSIS = 128, MEDIAN_DEVIATION = 256,
    QUARTILE_RANGE = 512, ZERO_CROSSINGS = 1024, MEAN_CROSSINGS = 2048, ENERGY = 4096, MAGNITUDE_AREA = 8192, JERK_DEVIATION = 16384,
    AUTOCORRELATION = 32768, DOMINANT = 65536, CENTROID = 1 << 17, ENTROPY = 1 << 18, CORRELATIONS = 1 << 19,
    SPECTRAL = DOMINANT | CENTROID | ENTROPY,
    IMU = MEAN | DEVIATION | MIN | MAX | RMS | MEDIAN_DEVIATION | QUARTILE_RANGE | ZERO_CROSSINGS | MEAN_CROSSINGS | ENERGY
        | JERK_DEVIATION | AUTOCORRELATION | SPECTRAL,
    LONGEST = 4096, SIGNALS = 16
};

typedef struct { double low, high; } band;

static double cosines[LONGEST], sines[LONGEST];
static int planned;

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(const float *sorted, int n, double share)
{
    double place = share * (n - 1);
    int below = (int)place;
    return below + 1 == n ? sorted[below] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

/* |X|^2 of n values, k = 0 to n/2: radix 2 for powers of two, else the plain sum. */
static void squares(const double *d, int n, double *power)
{
    static double re[LONGEST], im[LONGEST];
    if (planned != n)
    {
        for (int k = 0; k < n; k++) { cosines[k] = cos(2 * M_PI * k / n); sines[k] = -sin(2 * M_PI * k / n); }
        planned = n;
    }
    if (n & (n - 1))
    {
        for (int k = 0; k <= n / 2; k++)
        {
            double r = 0, i = 0;
            for (int t = 0, at = 0; t < n; t++)
            {
                r += d[t] * cosines[at];
                i += d[t] * sines[at];
                at += k;
                if (at >= n) at -= n;
            }
            power[k] = r * r + i * i;
        }
        return;
    }
    for (int t = 0, reversed = 0; t < n; t++)
    {
        re[reversed] = d[t];
        im[reversed] = 0;
        int bit = n >> 1;
        for (; reversed & bit; bit >>= 1) reversed ^= bit;
        reversed |= bit;
    }
    for (int half = 1; half < n; half *= 2)
    {
        for (int from = 0; from < n; from += 2 * half)
        {
            for (int j = 0; j < half; j++)
            {
                double c = cosines[j * (n / (2 * half))], s = sines[j * (n / (2 * half))];
                int a = from + j, b = a + half;
                double r = re[b] * c - im[b] * s, i = re[b] * s + im[b] * c;
                re[b] = re[a] - r; im[b] = im[a] - i;
                re[a] += r; im[a] += i;
            }
        }
    }
    for (int k = 0; k <= n / 2; k++) power[k] = re[k] * re[k] + im[k] * im[k];
}

static float *of_signal(const float *x, int n, double rate, int mask, const band *bands, int count, double *d, double *squared, float *to)
{
    static float sorted[LONGEST];
    static double power[LONGEST];
    double sum = 0, variance = 0, area = 0, cubes = 0, fourths = 0;
    float min = x[0], max = x[0];
    for (int t = 0; t < n; t++) { sum += x[t]; area += fabs(x[t]); }
    for (int t = 0; t < n; t++) { min = x[t] < min ? x[t] : min; max = x[t] > max ? x[t] : max; }
    double mean = sum / n;
    for (int t = 0; t < n; t++) { d[t] = x[t] - mean; variance += d[t] * d[t]; }
    *squared = variance;
    variance /= n;
    double energy = variance + mean * mean;
    if (mask & MEAN) *to++ = mean;
    if (mask & DEVIATION) *to++ = sqrt(variance);
    if (mask & MIN) *to++ = min;
    if (mask & MAX) *to++ = max;
    if (mask & RMS) *to++ = sqrt(energy);
    if (mask & CREST) *to++ = (max > -min ? max : -min) / sqrt(energy);
    if (mask & (SKEWNESS | KURTOSIS))
    {
        for (int t = 0; t < n; t++) { double s = d[t] * d[t]; cubes += s * d[t]; fourths += s * s; }
        if (mask & SKEWNESS) *to++ = cubes / n / (variance * sqrt(variance));
        if (mask & KURTOSIS) *to++ = fourths / n / (variance * variance);
    }
    if (mask & (MEDIAN_DEVIATION | QUARTILE_RANGE))
    {
        memcpy(sorted, x, sizeof(float) * n);
        qsort(sorted, n, sizeof(float), ascending);
        double range = quantile(sorted, n, 0.75) - quantile(sorted, n, 0.25), median = quantile(sorted, n, 0.5);
        if (mask & MEDIAN_DEVIATION)
        {
            for (int t = 0; t < n; t++) sorted[t] = fabs(x[t] - median);
            qsort(sorted, n, sizeof(float), ascending);
            *to++ = quantile(sorted, n, 0.5);
        }
        if (mask & QUARTILE_RANGE) *to++ = range;
    }
    if (mask & ZERO_CROSSINGS)
    {
        int crossings = 0;
        for (int t = 1; t < n; t++) crossings += (x[t] < 0) != (x[t - 1] < 0);
        *to++ = crossings;
    }
    if (mask & MEAN_CROSSINGS)
    {
        int crossings = 0;
        for (int t = 1; t < n; t++) crossings += (d[t] < 0) != (d[t - 1] < 0);
        *to++ = crossings;
    }
    if (mask & ENERGY) *to++ = energy;
    if (mask & MAGNITUDE_AREA) *to++ = area / n;
    if (mask & JERK_DEVIATION)
    {
        double step = (d[n - 1] - d[0]) / (n - 1), all = 0;
        for (int t = 0; t + 1 < n; t++) { double e = d[t + 1] - d[t] - step; all += e * e; }
        *to++ = sqrt(all / (n - 1)) * rate;
    }
    if (mask & AUTOCORRELATION)
    {
        double before = 0, at = *squared, peak = 0;
        int fell = 0, found = 0;
        for (int lag = 0; lag <= n / 2; lag++)
        {
            double next = 0;
            for (int t = 0; t + lag + 1 < n; t++) next += d[t] * d[t + lag + 1];
            if (fell && at > 0 && before < at && at >= next) { peak = at / *squared; found = lag; break; }
            fell |= at < 0;
            before = at;
            at = next;
        }
        *to++ = peak;
        *to++ = found / rate;
    }
    if (mask & SPECTRAL || count)
    {
        double total = 0, moment = 0, entropy = 0, hertz = rate / n;
        int greatest = 1, bins = n / 2;
        squares(d, n, power);
        for (int k = 1; k <= bins; k++) power[k] *= 2.0 / n / n;
        if (n % 2 == 0) power[bins] /= 2;
        for (int k = 1; k <= bins; k++)
        {
            total += power[k];
            moment += k * power[k];
            if (power[k] > power[greatest]) greatest = k;
        }
        if (mask & DOMINANT) *to++ = greatest * hertz;
        if (mask & CENTROID) *to++ = moment / total * hertz;
        if (mask & ENTROPY)
        {
            for (int k = 1; k <= bins; k++) { double p = power[k] / total; entropy -= p > 0 ? p * log(p) : 0; }
            *to++ = entropy / log(bins);
        }
        for (int b = 0; b < count; b++)
        {
            double in = 0;
            for (int k = 1; k <= bins; k++) if (k * hertz >= bands[b].low - 1e-9 && k * hertz < bands[b].high - 1e-9) in += power[k];
            *to++ = in;
        }
    }
    return to;
}

static float *of_window(const float *x, int channels, int n, double rate, int mask, const band *bands, int count, int imu, float *to)
{
    static double d[SIGNALS][LONGEST], squared[SIGNALS];
    static float magnitude[LONGEST];
    for (int c = 0; c < channels; c++) to = of_signal(x + c * n, n, rate, mask, bands, count, d[c], &squared[c], to);
    for (int s = 0; imu && s < 2; s++)
    {
        const float *axis = x + 3 * s * n;
        for (int t = 0; t < n; t++)
        {
            magnitude[t] = sqrt((double)axis[t] * axis[t] + (double)axis[n + t] * axis[n + t] + (double)axis[2 * n + t] * axis[2 * n + t]);
        }
        to = of_signal(magnitude, n, rate, mask & ~ZERO_CROSSINGS, bands, count, d[6 + s], &squared[6 + s], to);
    }
    for (int a = 0; a < channels && (imu || mask & CORRELATIONS); a++)
    {
        for (int b = a + 1; b < channels; b++)
        {
            if (imu && a / 3 != b / 3) continue;
            double product = 0;
            for (int t = 0; t < n; t++) product += d[a][t] * d[b][t];
            *to++ = product / sqrt(squared[a] * squared[b]);
        }
    }
    for (int s = 0; imu && s < 2; s++)
    {
        double area = 0;
        for (int t = 0; t < 3 * n; t++) area += fabs(x[3 * s * n + t]);
        *to++ = area / n;
    }
    return to;
}

int main(void)
{
    static const band of_imu[] = {{0.3, 1.5}, {1.5, 3}, {3, 5}, {5, 10}, {10, 20}};
    static float row[4096];
    char line[4096], verb[16], path[2048], text[1024];
    setvbuf(stdout, 0, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin))
    {
        int channels, n, mask, imu, times, count = 0;
        double rate;
        band bands[32];
        if (!strncmp(line, "hello", 5)) { printf("{\"name\": \"gcc %s\"}\n", __VERSION__); continue; }
        if (sscanf(line, "%15s %2047s %d %d %lf %d %d %1023s %d", verb, path, &channels, &n, &rate, &mask, &imu, text, &times) != 9)
        {
            printf("{\"error\": \"expected 9 words\"}\n");
            continue;
        }
        for (char *at = strtok(text, ","); at && *at != '-'; at = strtok(0, ",")) count += sscanf(at, "%lf:%lf", &bands[count].low, &bands[count].high) == 2;
        if (imu) { memcpy(bands, of_imu, sizeof of_imu); count = 5; mask = IMU; }
        FILE *file = fopen(path, "rb");
        if (!file) { printf("{\"error\": \"no file\"}\n"); continue; }
        fseek(file, 0, SEEK_END);
        long bytes = ftell(file);
        rewind(file);
        float *x = malloc(bytes);
        int windows = fread(x, 4, bytes / 4, file) / (channels * n);
        fclose(file);
        if (!strcmp(verb, "check"))
        {
            printf("{\"values\": [");
            for (int w = 0; w < windows; w++)
            {
                float *end = of_window(x + (size_t)w * channels * n, channels, n, rate, mask, bands, count, imu, row);
                for (float *value = row; value < end; value++) printf("%s%.9g", w || value > row ? ", " : "", *value);
            }
            printf("]}\n");
        }
        else
        {
            double cpu = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC), used = 0;
            for (int t = 0; t < times; t++)
            {
                for (int w = 0; w < windows; w++)
                {
                    of_window(x + (size_t)w * channels * n, channels, n, rate, mask, bands, count, imu, row);
                    used += row[0];
                }
            }
            printf("{\"cpu\": %.9f, \"wall\": %.9f, \"value\": %.9g}\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall, used);
        }
        free(x);
    }
    return 0;
}
