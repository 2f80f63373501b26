using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <remarks>A third of the machines is unseen. The others learn; each of them judges a model of four fifths of the others.</remarks>
public sealed class ValueBoundsTests(ITestOutputHelper output)
{
    private const int Draws = 20;
    private const int Folds = 5;
    private const int WindowRows = 200;

    private static readonly Network Model = new(new(10), 1, [new Scale()], [new(0, new Dense(1))], objective: new SquaredError(100, 60));

    [Fact]
    public void The_hours_left_are_within_the_bounds_as_often_as_is_promised()
    {
        List<RecordedRows> machines = [.. Enumerable.Range(0, LongForm.IsAsked ? 60 : 30).Select(RowsOf)];
        var draws = Enumerable.Range(0, Draws).Select(seed => Draw(machines, seed)).ToList();

        var (asked, covered) = (draws.Average(static d => d.Asked), draws.Average(static d => d.Covered));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{machines.Count} machines, asked {asked:.000}, covered {covered:.000} ({draws.Min(static d => d.Covered):.000} to ")
            + string.Create(CultureInfo.InvariantCulture,
                $"{draws.Max(static d => d.Covered):.000}), half the interval {draws.Average(static d => d.Half):0.0} h, error ")
            + string.Create(CultureInfo.InvariantCulture, $"{draws.Average(static d => d.Error):0.0} h"));
        PromisedShare.IsKept(asked, covered);
        Assert.InRange(draws.Average(static d => d.Error), 0, 25);      // half the error of the mean, 50 h
    }

    private static (double Asked, double Covered, double Half, double Error) Draw(List<RecordedRows> machines, int seed)
    {
        var random = new RandomStream(seed, "machines");
        var order = Enumerable.Range(0, machines.Count).OrderBy(_ => random.NextDouble()).ToList();
        var (unseen, learning) = (order[..(machines.Count / 3)], order[(machines.Count / 3)..]);
        List<(float Score, int Machine)> judged = [];
        for (var fold = 0; fold < Folds; fold++)
        {
            var weights = Model.FitRidge(Joined(learning.Where((_, m) => m % Folds != fold).Select(m => machines[m])));
            foreach (var m in learning.Where((_, m) => m % Folds == fold))
            {
                judged.AddRange(Distances(weights, machines[m]).Select(d => (d, m)));
            }
        }

        var scores = ConformalScores.Of([.. judged.Select(static j => j.Score)], [.. judged.Select(static j => j.Machine)])!;
        var half = scores.At(PromisedShare.Promised);
        var final = Model.FitRidge(Joined(learning.Select(m => machines[m])));
        List<float> distances = [.. unseen.SelectMany(m => Distances(final, machines[m]))];
        return (PromisedShare.Asked(judged, half), distances.Count(d => d <= half) / (double)distances.Count, half, distances.Average());
    }

    private static IEnumerable<float> Distances(Weights weights, RecordedRows rows)
    {
        var values = new float[rows.Count];
        Model.Infer(weights.Values.AsSpan(), new(rows.Features.Span, rows.Count), values, new());
        return values.Select((value, row) => ConformalScores.OfValue(value, rows.Targets.Span[row]));
    }

    private static RecordedRows Joined(IEnumerable<RecordedRows> parts)
    {
        List<RecordedRows> all = [.. parts];
        return new(all.SelectMany(static p => p.Features.ToArray()).ToArray(), all.SelectMany(static p => p.Targets.ToArray()).ToArray());
    }

    private static RecordedRows RowsOf(int machine)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(static windows =>
            windows.Features(Feature.Mean | Feature.Deviation | Feature.Rms | Feature.Crest | Feature.Kurtosis), Batches.Channels(2));
        List<float> features = [];
        List<float> hours = [];
        for (var left = 200; left >= 0; left -= 8)
        {
            var (vibration, temperature) = Wear.Record(machine, left, WindowRows);
            probe.Send(Batches.OfChannels(probe.Pool, vibration, temperature));
            using var row = probe.Take<Batch>();
            for (var c = 0; c < row.Channels.Count; c++) { features.Add(row.Channels[c].Values<float>()[0]); }
            hours.Add(left);
        }

        return new(features.ToArray(), hours.ToArray());
    }
}
