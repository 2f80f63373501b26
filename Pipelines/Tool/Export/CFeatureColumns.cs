using StreamLearn.Operators;

namespace Tool;

internal static class CFeatureColumns
{
    private const string All = """

        /* The features of the window, as the network takes them. */
        static inline void name_prepare(float *to)
        {
            int signal, column = 0, p;
            for (signal = 0; signal < NAME_SIGNALS; signal++) {
                name_describe(signal, name_numbers);
                for (; column < NAME_OF_SIGNALS && name_columns[2 * column] == signal; column++) {
                    to[column] = (float)name_numbers[name_columns[2 * column + 1]];
                }
            }
        """;

    private const string Correlations = """
            for (p = 0; p < NAME_PAIRS; p++) {
                int a = name_pairs[2 * p], b = name_pairs[2 * p + 1];
                double x = name_known[a][0], y = name_known[b][0], product;
                NAME_SUM(product, 0, NAME_ROWS, (name_value(a, i) - x) * (name_value(b, i) - y));
                x = name_known[a][1];
                y = name_known[b][1];
                product = x > 0 && y > 0 ? product / (sqrt(x) * sqrt(y)) : 0;
                to[column++] = (float)(product > 1 ? 1 : product < -1 ? -1 : product);
            }
        """;

    private const string Areas = """
            for (p = 0; p < NAME_AREAS; p++) {
                const uint8_t *of = name_areas + 3 * p;
                to[column++] = (float)(name_known[of[0]][2] + name_known[of[1]][2] + name_known[of[2]][2]);
            }
        """;

    internal static void Add(CText text, FeaturePlan plan)
    {
        if (plan.Pairs.Length > 0)
        {
            text.Define("PAIRS", plan.Pairs.Length);
            text.Whole("pairs", [.. plan.Pairs.SelectMany(static p => (int[])[p.First, p.Second])]);
        }

        if (plan.Areas.Length > 0)
        {
            text.Define("AREAS", plan.Areas.Length);
            text.Whole("areas", [.. plan.Areas.SelectMany(static a => (int[])[a.X, a.Y, a.Z])]);
        }

        text.Add(All);
        if (plan.Pairs.Length > 0) { text.Add(Correlations); }
        if (plan.Areas.Length > 0) { text.Add(Areas); }
        text.Add("    (void)p;\n}");
    }
}
