using StreamLearn.Operators;

namespace Tool;

/// <summary>Writes C code in float64 with the same order of additions, so equal rows give equal numbers.</summary>
internal static class CFeatures
{
    private const string Sums = """

        /* The sum of eight lanes: value i is added in lane i mod 8. */
        static inline double name_total(const double lane[8])
        {
            return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
        }

        #define NAME_SUM(result, from, count, term) \
            do { \
                double lane_[8] = {0}; \
                int i; \
                for (i = (from); i < (count); i++) { lane_[i & 7] += (term); } \
                (result) = name_total(lane_); \
            } while (0)

        /* A value of a signal: of a channel, or the magnitude of three. */
        static inline float name_value(int signal, int row)
        {
            const uint16_t *of = name_signals + 3 * signal;
            double x = name_window[of[0]][row], y, z;
            if (of[0] == of[1]) { return name_window[of[0]][row]; }
            y = name_window[of[1]][row];
            z = name_window[of[2]][row];
            return (float)sqrt(x * x + y * y + z * z);
        }
        """;

    private const string Sorting = """

        static inline void name_sort(float *values, int count)
        {
            int gap, i, at;
            for (gap = count / 2; gap > 0; gap /= 2) {
                for (i = gap; i < count; i++) {
                    float value = values[i];
                    for (at = i; at >= gap && values[at - gap] > value; at -= gap) { values[at] = values[at - gap]; }
                    values[at] = value;
                }
            }
        }

        static inline double name_quantile(const float *sorted, double share)
        {
            double place = share * (NAME_ROWS - 1);
            int below = (int)place;
            double value = sorted[below];
            return below + 1 == NAME_ROWS ? value : value + (place - below) * (sorted[below + 1] - value);
        }

        /* The median of the distances from the median: those of the lower half rise outwards, and so do those of the upper one. */
        static inline double name_median_deviation(const float *sorted)
        {
            double median = name_quantile(sorted, 0.5), last = 0, before = 0;
            int low = NAME_ROWS / 2 - 1, high = NAME_ROWS / 2, i;
            for (i = 0; i <= NAME_ROWS / 2; i++) {
                before = last;
                if (low >= 0 && (high == NAME_ROWS || median - sorted[low] < sorted[high] - median)) { last = median - sorted[low--]; }
                else { last = sorted[high++] - median; }
            }
            return NAME_ROWS % 2 == 1 ? last : (before + last) / 2;
        }
        """;

    private const string Spectrum = """

        /* The Fourier transform of n values that lie `step` apart, by the smallest factors of n. */
        static void name_fourier(int n, int step, const double *from, double *real, double *imaginary)
        {
            int factor = 2, part, q, k, r;
            if (n == 1) {
                real[0] = from[0];
                imaginary[0] = 0;
                return;
            }
            while (n % factor) { factor++; }
            part = n / factor;
            for (q = 0; q < factor; q++) {
                name_fourier(part, step * factor, from + q * step, real + q * part, imaginary + q * part);
            }
            for (k = 0; k < part; k++) {
                for (r = 0; r < factor; r++) {
                    name_sums[0][r] = 0;
                    name_sums[1][r] = 0;
                    for (q = 0; q < factor; q++) {
                        int at = (int)((uint32_t)q * (uint32_t)(k + r * part) % (uint32_t)n) * step;
                        double cosine = name_cosines[at], sine = name_sines[at], a = real[q * part + k], b = imaginary[q * part + k];
                        name_sums[0][r] += a * cosine + b * sine;
                        name_sums[1][r] += b * cosine - a * sine;
                    }
                }
                for (r = 0; r < factor; r++) {
                    real[k + r * part] = name_sums[0][r];
                    imaginary[k + r * part] = name_sums[1][r];
                }
            }
        }

        static inline void name_spectrum(double *number)
        {
            const double hertz = NAME_ROWS_PER_SECOND / NAME_ROWS;
            double total = 0, center = 0, entropy = 0;
            int k, b, best = 0;
            name_fourier(NAME_ROWS, 1, name_centered, name_real, name_imaginary);
            name_real[0] = 0;
            for (k = 1; k <= NAME_ROWS / 2; k++) {
                double power = name_real[k] * name_real[k] + name_imaginary[k] * name_imaginary[k];
                name_real[k] = power * (2 * k == NAME_ROWS ? 1 : 2) / NAME_ROWS / NAME_ROWS;
                total += name_real[k];
                center += k * name_real[k];
                if (name_real[k] > name_real[best]) { best = k; }
            }
            for (k = 1; k <= NAME_ROWS / 2; k++) {
                double share = name_real[k] / total;
                if (share > 0) { entropy -= share * log(share); }
            }
            number[17] = best * hertz;
            number[18] = total > 0 ? center / total * hertz : 0;
            number[19] = total > 0 && NAME_ROWS > 3 ? entropy / log(NAME_ROWS / 2) : 0;
            if (number[19] > 1) { number[19] = 1; }
            for (b = 0; b < NAME_BANDS; b++) {
                number[20 + b] = 0;
                for (k = name_bins[2 * b]; k < name_bins[2 * b + 1]; k++) { number[20 + b] += name_real[k]; }
            }
        }
        """;

    private const string Moments = """

        /* Numbers of a signal. */
        static inline void name_describe(int signal, double *number)
        {
            double mean, squares, variance, energy, sum;
            float low, high;
            int row;
            for (row = 0; row < NAME_ROWS; row++) { name_signal[row] = name_value(signal, row); }
            low = high = name_signal[0];
            for (row = 1; row < NAME_ROWS; row++) {
                if (name_signal[row] < low) { low = name_signal[row]; }
                if (name_signal[row] > high) { high = name_signal[row]; }
            }
            NAME_SUM(mean, 0, NAME_ROWS, name_signal[i]);
            mean /= NAME_ROWS;
            for (row = 0; row < NAME_ROWS; row++) { name_centered[row] = name_signal[row] - mean; }
            NAME_SUM(squares, 0, NAME_ROWS, name_centered[i] * name_centered[i]);
            variance = squares / NAME_ROWS;
            energy = variance + mean * mean;
            name_known[signal][0] = mean;
            name_known[signal][1] = squares;
            number[0] = mean;
            number[1] = sqrt(variance);
            number[2] = low;
            number[3] = high;
            number[4] = sqrt(energy);
            number[5] = energy > 0 ? (high > -low ? high : -(double)low) / sqrt(energy) : 0;
            number[12] = energy;
            NAME_SUM(sum, 0, NAME_ROWS, fabs(name_signal[i]));
            number[13] = sum / NAME_ROWS;
            name_known[signal][2] = number[13];
        """;

    private const string Shape = """
            NAME_SUM(sum, 0, NAME_ROWS, name_centered[i] * name_centered[i] * name_centered[i]);
            number[6] = variance > 0 ? sum / NAME_ROWS / (variance * sqrt(variance)) : 0;
            NAME_SUM(sum, 0, NAME_ROWS, (name_centered[i] * name_centered[i]) * (name_centered[i] * name_centered[i]));
            number[7] = variance > 0 ? sum / NAME_ROWS / (variance * variance) : 0;
        """;

    private const string Order = """
            number[10] = 0;
            number[11] = 0;
            for (row = 1; row < NAME_ROWS; row++) {
                number[10] += (name_signal[row - 1] < 0) != (name_signal[row] < 0);
                number[11] += (name_centered[row - 1] < 0) != (name_centered[row] < 0);
            }
            mean = (name_centered[NAME_ROWS - 1] - name_centered[0]) / (NAME_ROWS - 1);     /* of the steps */
            #define NAME_STEP(i) (name_centered[(i) + 1] - name_centered[i] - mean)
            NAME_SUM(sum, 0, (NAME_ROWS - 1) / 8 * 8, NAME_STEP(i) * NAME_STEP(i));
            for (row = (NAME_ROWS - 1) / 8 * 8; row + 1 < NAME_ROWS; row++) { sum += NAME_STEP(row) * NAME_STEP(row); }
            number[14] = sqrt(sum / (NAME_ROWS - 1)) * NAME_ROWS_PER_SECOND;
        """;

    private const string Autocorrelation = """
            {
                /* the first peak above 0 after a lag below 0 */
                double before = 0, here = squares, next;
                int lag, fell = 0;
                number[15] = 0;
                number[16] = 0;
                for (lag = 0; lag <= NAME_ROWS / 2 && squares > 0; lag++) {
                    NAME_SUM(next, 0, NAME_ROWS - lag - 1, name_centered[i] * name_centered[i + lag + 1]);
                    if (fell && here > 0 && before < here && here >= next) {
                        number[15] = here / squares;
                        number[16] = lag / NAME_ROWS_PER_SECOND;
                        break;
                    }
                    fell |= here < 0;
                    before = here;
                    here = next;
                }
            }
        """;

    private const string Sorted = """
            name_sort(name_signal, NAME_ROWS);
            number[8] = name_median_deviation(name_signal);
            number[9] = name_quantile(name_signal, 0.75) - name_quantile(name_signal, 0.25);
        """;

    internal static void Add(CText text, FeaturePlan plan, int rows)
    {
        var numbers = plan.Columns.Select(static c => c.Number).ToHashSet();
        var isSorted = numbers.Overlaps([8, 9]);
        var hasSpectrum = numbers.Any(static n => n >= 17);
        text.Define("SIGNALS", plan.Signals.Length);
        text.Define("OF_SIGNALS", plan.Columns.Length);
        text.Wide("signals", [.. plan.Signals.SelectMany(static s => s.Length == 1 ? [s[0], s[0], s[0]] : s)]);
        text.Whole("columns", [.. plan.Columns.SelectMany(static c => (int[])[c.Signal, c.Number])]);
        text.State("float", "signal", rows);
        text.State("double", "centered", rows);
        text.State("double", "known", plan.Signals.Length, 3);
        text.State("double", "numbers", FeaturePlan.FirstBand + plan.Bands.Length);
        text.Add(Sums);
        if (isSorted) { text.Add(Sorting); }
        if (hasSpectrum) { AddSpectrum(text, plan, rows); }
        text.Add(Moments);
        if (numbers.Overlaps([6, 7])) { text.Add(Shape); }
        if (numbers.Overlaps([10, 11, 14])) { text.Add(Order); }
        if (numbers.Overlaps([15, 16])) { text.Add(Autocorrelation); }
        if (hasSpectrum) { text.Add("    name_spectrum(number);"); }
        if (isSorted) { text.Add(Sorted); }
        text.Add("}");
        CFeatureColumns.Add(text, plan);
    }

    private static void AddSpectrum(CText text, FeaturePlan plan, int rows)
    {
        text.Define("BANDS", plan.Bands.Length);
        text.Doubles("cosines", [.. Enumerable.Range(0, rows).Select(i => Math.Cos(2 * Math.PI * i / rows))]);
        text.Doubles("sines", [.. Enumerable.Range(0, rows).Select(i => Math.Sin(2 * Math.PI * i / rows))]);
        text.Wide("bins", [.. plan.Bands.SelectMany(b => (int[])[plan.BinsOf(b, rows).From, plan.BinsOf(b, rows).To]), 0]);
        text.State("double", "real", rows);
        text.State("double", "imaginary", rows);
        text.State("double", "sums", 2, LargestFactor(rows));
        text.Add(Spectrum);
    }

    private static int LargestFactor(int number)
    {
        var largest = 1;
        for (var factor = 2; number > 1; factor++)
        {
            for (; number % factor == 0; number /= factor) { largest = factor; }
        }

        return largest;
    }
}
