namespace StreamLearn.Compression;

internal sealed class RuleLearner(float[] rows, int[] labels, int classes, int starWidth, double minSignificance, int maxCuts, int maxTests)
{
    private readonly int _features = rows.Length / labels.Length;

    internal RuleList Learn()
    {
        var (rules, rest) = (ImmutableArray.CreateBuilder<OrderedRule>(), Enumerable.Range(0, labels.Length).ToArray());
        while (rest.Length > 0 && Best(rest) is { } best)
        {
            var rule = new OrderedRule(best.Tests, Majority(best.Counts));
            rules.Add(rule);
            rest = [.. rest.Except(best.Covered)];
        }

        var last = Majority(Counts(rest.Length > 0 ? rest : [.. Enumerable.Range(0, labels.Length)]));
        rules.Add(new([], last));
        return new(rules.ToImmutable());
    }

    private Complex? Best(int[] rest)
    {
        var (prior, tests) = (Counts(rest), Tests(rest));
        Complex? best = null;
        List<Complex> star = [new([], rest, prior)];
        for (var depth = 0; depth < maxTests && star.Count > 0; depth++)
        {
            var (seen, next) = (new HashSet<string>(), new List<Complex>());
            foreach (var complex in star)
            {
                foreach (var test in tests)
                {
                    if (Specialize(complex, test) is not { } special || !seen.Add(string.Join('&', special.Tests))) { continue; }
                    next.Add(special);
                    var isRule = Significance(special.Counts, prior, rest.Length) > minSignificance;
                    if (isRule && IsBetter(special, best)) { best = special; }
                }
            }

            star = [.. next.OrderByDescending(Laplace).ThenByDescending(static c => c.Covered.Length).Take(starWidth)];
        }

        return best;
    }

    /// <summary>Adds a test; returns null if the result covers nothing or the test changes nothing.</summary>
    private Complex? Specialize(Complex complex, RuleTest test)
    {
        int[] covered = [.. complex.Covered.Where(row => test.Holds(rows.AsSpan(row * _features, _features)))];
        if (covered.Length == 0 || covered.Length == complex.Covered.Length) { return null; }
        var tests = complex.Tests.Where(t => t.Feature != test.Feature || t.Above != test.Above).Append(test)
            .OrderBy(static t => t.Feature).ThenBy(static t => t.Above);
        return new([.. tests], covered, Counts(covered));
    }

    private List<RuleTest> Tests(int[] rest)
    {
        var tests = new List<RuleTest>();
        for (var feature = 0; feature < _features; feature++)
        {
            float[] values = [.. rest.Select(row => rows[(row * _features) + feature]).Distinct().Order()];
            var count = Math.Min(maxCuts, values.Length - 1);
            for (var c = 0; c < count; c++)
            {
                var at = (int)((c + 0.5) / count * (values.Length - 1));
                var cut = values[at] + ((values[at + 1] - values[at]) / 2);
                tests.Add(new(feature, false, cut));
                tests.Add(new(feature, true, cut));
            }
        }

        return tests;
    }

    private int[] Counts(ReadOnlySpan<int> some)
    {
        var counts = new int[classes];
        foreach (var row in some) { counts[labels[row]]++; }
        return counts;
    }

    private bool IsBetter(Complex complex, Complex? than) => than is null || Laplace(complex) > Laplace(than)
        || (Laplace(complex) == Laplace(than) && complex.Covered.Length > than.Covered.Length);

    private double Laplace(Complex complex) => (complex.Counts.Max() + 1.0) / (complex.Covered.Length + classes);

    private static double Significance(int[] counts, int[] prior, int all)
    {
        var (sum, covered) = (0.0, counts.Sum());
        for (var c = 0; c < counts.Length; c++)
        {
            if (counts[c] > 0) { sum += counts[c] * Math.Log(counts[c] / ((double)prior[c] / all * covered)); }
        }

        return 2 * sum;
    }

    private static int Majority(int[] counts) => counts.AsSpan().IndexOf(counts.Max());

    private sealed record Complex(ImmutableArray<RuleTest> Tests, int[] Covered, int[] Counts);
}
