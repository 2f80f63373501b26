using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.9: beam search that chooses its width.</summary>
public sealed class At08Search
{
    private const int States = 24, Steps = 40;

    private static readonly Beam[] Thresholds =
        [.. new[] { .5f, .3f, .2f, .1f, .05f, .03f, .02f, .01f, .005f, .003f, .001f, 1e-4f }.Select(static t => new Beam(Threshold: t))];

    [Fact]
    public void AT_8j_Without_pruning_decoding_is_exact()
    {
        var (model, random) = (Model(), new RandomStream(3, "exact"));
        for (var i = 0; i < 50; i++)
        {
            var (seen, _) = Sequence(model, random, i % 2 == 0 ? 0.5 : 3);
            var (path, expected) = (new int[Steps], Viterbi(model, seen));

            Assert.Equal((Steps - 1) * States * States, model.BeamDecode(seen, new(int.MaxValue, 0), path));
            Assert.Equal(expected, path);
        }
    }

    [Fact]
    public void AT_8j_A_concept_of_three_rules_is_learned_exactly()
    {
        static int Concept(float a, float b, float c) => a > 4.5 && b <= 2.5 ? 1 : c > 6.5 ? 2 : a <= 1.5 ? 3 : 0;
        var (rows, labels) = (new List<float>(), new List<int>());
        for (var i = 0; i < 1000; i++)
        {
            float a = i / 100, b = i / 10 % 10, c = i % 10;
            rows.AddRange([a, b, c]);
            labels.Add(Concept(a, b, c));
        }

        var list = RuleList.Learn([.. rows], [.. labels], 4);

        TestContext.Current.SendDiagnosticMessage($"{list}");
        Assert.Equal(labels, Enumerable.Range(0, 1000).Select(i => list.ClassOf([.. rows[(3 * i)..((3 * i) + 3)]])));
    }

    /// <summary>Most sequences are clear, some are not: a fixed beam must be wide for these. The rules choose a threshold. Of every
    /// width, the narrowest that is at least as good is compared; the best fixed threshold is printed (DEVIATIONS.md).</summary>
    [Theory]
    [InlineData("unseen")]
    [InlineData("others")]
    public void AT_8j_A_beam_chosen_by_rules_expands_60_percent_fewer_hypotheses_at_equal_quality(string name)
    {
        var model = Model();
        var known = Set(model, 600, "known").Select(s => ImmutableArray.Create(s.Seen)).ToArray();
        var adaptive = AdaptiveBeam.Fit(model, known, [.. Thresholds, Beam.All], tolerance: 0.1);
        var unseen = Set(model, 600, name);
        var exact = Quality(unseen, (seen, path) => model.BeamDecode(seen, Beam.All, path)).Right;
        var (right, expanded) = Quality(unseen, (seen, path) => adaptive.Decode(model, seen, path));
        var (width, byWidth) = Cheapest(Enumerable.Range(1, States).Select(static n => new Beam(n)));
        var (threshold, byThreshold) = Cheapest(Thresholds);

        TestContext.Current.SendDiagnosticMessage($"exact {exact:P2}; rules {right:P2}, {expanded} hypotheses; {width} {byWidth}: "
            + $"{1 - (expanded / (double)byWidth):P1} fewer; {threshold} {byThreshold}: {1 - (expanded / (double)byThreshold):P1} fewer");
        Assert.InRange(right, exact - 0.005, 1);
        Assert.InRange(expanded, 1, 0.4 * byWidth);

        (Beam Beam, long Expanded) Cheapest(IEnumerable<Beam> beams)
        {
            foreach (var beam in beams)
            {
                var fix = Quality(unseen, (seen, path) => model.BeamDecode(seen, beam, path));
                if (fix.Right >= right) { return (beam, fix.Expanded); }
            }

            return (Beam.All, Quality(unseen, (seen, path) => model.BeamDecode(seen, Beam.All, path)).Expanded);
        }
    }

    private static HiddenMarkov Model()
    {
        var random = new RandomStream(7, "model");
        float[] Row() => Normalized([.. Enumerable.Range(0, States).Select(_ => (float)(1.5 * random.NextGaussian()))]);
        return new([.. Row()], [.. Enumerable.Range(0, States).SelectMany(_ => Row())]);
    }

    private static (float[] Seen, int[] Truth)[] Set(HiddenMarkov model, int count, string name)
    {
        var random = new RandomStream(5, name);
        return [.. Enumerable.Range(0, count).Select(i => Sequence(model, random, i % 6 == 0 ? 1.5 : 8))];
    }

    private static (float[] Seen, int[] Truth) Sequence(HiddenMarkov model, RandomStream random, double clear)
    {
        var (seen, truth, state) = (new float[Steps * States], new int[Steps], 0);
        for (var t = 0; t < Steps; t++)
        {
            var row = t == 0 ? model.Initial.AsSpan() : model.Transitions.AsSpan().Slice(state * States, States);
            var draw = random.NextDouble();
            for (state = 0; state < States - 1 && (draw -= Math.Exp(row[state])) > 0;) { state++; }
            truth[t] = state;
            var own = seen.AsSpan(t * States, States);
            for (var s = 0; s < States; s++) { own[s] = (float)(random.NextGaussian() + (s == state ? clear : 0)); }
            Normalized(own.ToArray()).CopyTo(own);
        }

        return (seen, truth);
    }

    private static (double Right, long Expanded) Quality((float[] Seen, int[] Truth)[] set, Func<float[], int[], long> decode)
    {
        var (right, expanded, path) = (0, 0L, new int[Steps]);
        foreach (var (seen, truth) in set)
        {
            expanded += decode(seen, path);
            right += path.Zip(truth).Count(p => p.First == p.Second);
        }

        return (right / (double)(set.Length * Steps), expanded);
    }

    private static float[] Normalized(float[] scores)
    {
        var sum = Math.Log(scores.Sum(s => Math.Exp(s)));
        return [.. scores.Select(s => (float)Math.Min(0, s - sum))];
    }

    private static int[] Viterbi(HiddenMarkov model, float[] seen)
    {
        var scores = Enumerable.Range(0, States).Select(s => model.Initial[s] + (double)seen[s]).ToArray();
        var back = new int[Steps][];
        for (var t = 1; t < Steps; t++)
        {
            back[t] = [.. Enumerable.Range(0, States).Select(to =>
                Enumerable.Range(0, States).MaxBy(from => scores[from] + model.Transitions[(from * States) + to]))];
            scores = [.. Enumerable.Range(0, States).Select(to =>
                scores[back[t][to]] + model.Transitions[(back[t][to] * States) + to] + seen[(t * States) + to])];
        }

        var path = new int[Steps];
        path[^1] = scores.AsSpan().IndexOf(scores.Max());
        for (var t = Steps - 1; t > 0; t--) { path[t - 1] = back[t][path[t]]; }
        return path;
    }
}
