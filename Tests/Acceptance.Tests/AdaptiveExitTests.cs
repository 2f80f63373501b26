using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Testing;

namespace Acceptance.Tests;

/// <summary>Early exits that keep to a loss while they serve, after the rows have become others.</summary>
/// <remarks>The loss is that of labels, against the whole network on the same rows. It is within the bound if its mean over the rows is, and
/// it is looked at from 1,000 rows after the drift on.</remarks>
public sealed class AdaptiveExitTests(ITestOutputHelper output)
{
    private const int Calm = 5000, Drifted = 5000, Within = 1000, BatchRows = 20;
    private const double Bound = 0.01;

    private static readonly Schema Pixels = new(
        [.. GlyphDigits.Schema.Fields.Where(static f => f.Type == ColumnType.Float32), Field.Label()]);

    /// <summary>Digits become noisier all at once.</summary>
    [Fact]
    public void After_a_drift_the_loss_is_back_within_the_bound_in_1000_rows()
    {
        var noises = (Environment.GetEnvironmentVariable("NOISES") ?? "0.3,0.45,0.6").Split(',').Select(double.Parse).ToArray();
        var shares = (Environment.GetEnvironmentVariable("SHARES") ?? "0.02,0.05").Split(',').Select(double.Parse).ToArray();
        for (var seed = 0; seed < int.Parse(Environment.GetEnvironmentVariable("SEEDS") ?? "3"); seed++)
        {
            var digits = ExitDigits.Small(seed);
            foreach (var noise in noises)
            {
                var stream = Noisy(digits.Unseen, noise, seed);
                Say("fixed", new() { Rule = digits.Judgement.CheapestWithin(Bound).Rule }, false);
                foreach (var share in shares)
                {
                    Say($"adaptive {share}", new() { Curve = digits.Curve, Adaptive = new() { Bound = Bound, Share = share } }, false);
                    Say($"labels   {share}", new() { Curve = digits.Curve, Adaptive = new() { Bound = Bound, Share = share } }, true);
                }

                void Say(string name, InferOptions options, bool labelled)
                {
                    var served = Serve(digits, options, stream, labelled);
                    output.WriteLine(FormattableString.Invariant($"seed {seed} noise {noise} {name}: calm {served[0]}; first 1000 {served[1]}; after {served[2]}; {served[3]}"));
                }
            }
        }
    }

    private string[] Serve(ExitDigits digits, InferOptions options, (float[] Features, int[] Labels) stream, bool labelled)
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows
            .Infer(digits.Network, p.Input<Weights>("models"), options)), Pixels);
        probe.Control(digits.Network.Initial with { Version = 1, Values = [.. digits.Weights] });
        var rows = stream.Labels.Length;
        var (whole, given, work) = (new bool[rows], new bool[rows], new double[rows]);
        var (probabilities, exits) = (new float[rows * GlyphDigits.Classes], new int[rows]);
        digits.Network.Answer(digits.Weights, new(stream.Features, rows), ExitRule.Never(2), probabilities, exits, new());
        var log = new List<string>();
        for (var first = 0; first < rows; first += BatchRows)
        {
            var batch = probe.Pool.Rent(Pixels, BatchRows);
            for (var r = 0; r < BatchRows; r++)
            {
                for (var c = 0; c < GlyphDigits.Pixels; c++)
                {
                    batch.Channels[c].Writable<float>()[r] = stream.Features[((first + r) * GlyphDigits.Pixels) + c];
                }

                batch[Schema.LabelColumn].Writable<int>()[r] = stream.Labels[first + r];
                batch[Schema.LabelColumn].SetValid(r, labelled);
            }

            probe.Send(batch);
            var answers = probe.Take<Batch>();
            for (var r = 0; r < BatchRows; r++)
            {
                var at = first + r;
                given[at] = answers["class"].Values<int>()[r] == stream.Labels[at];
                var row = probabilities.AsSpan(at * GlyphDigits.Classes, GlyphDigits.Classes);
                whole[at] = row.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(row)) == stream.Labels[at];
                work[at] = (double)digits.Network.MultiplyAddsTo[answers["exit"].Values<int>()[r]] / digits.Network.Plan.MultiplyAdds;
            }

            if (options.Adaptive is not null && first % 500 == 0) { log.Add(FormattableString.Invariant($"{first}:{probe.Metrics.Gauges["exit-choice"]}/{probe.Metrics.Counter("exit-alarms")}")); }
        }

        return [Of(Within, Calm), Of(Calm, Calm + Within), Of(Calm + Within, rows), string.Join(" ", log)];

        string Of(int from, int to) => FormattableString.Invariant($"loss {Enumerable.Range(from, to - from).Average(i => (whole[i] ? 1.0 : 0) - (given[i] ? 1 : 0)):P2} work {work[from..to].Average():0.00}");
    }

    /// <summary>Digits with little noise, and from some row on with more.</summary>
    private static (float[] Features, int[] Labels) Noisy(GlyphDigits digits, double noise, long seed)
    {
        var random = new RandomStream(seed, "noise");
        var rows = Calm + Drifted;
        var (features, labels) = (new float[rows * GlyphDigits.Pixels], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            labels[r] = digits.Labels[r % digits.Count];
            var row = digits.Row(r % digits.Count);
            for (var c = 0; c < row.Length; c++) { features[(r * row.Length) + c] = row[c] + (float)((r < Calm ? 0.05 : noise) * random.NextGaussian()); }
        }

        return (features, labels);
    }
}
