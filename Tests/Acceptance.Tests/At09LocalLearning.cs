namespace Acceptance.Tests;

/// <summary>Section 9, on one device: a model that learns by itself from a stream, and goes on to be good when that changes.</summary>
public sealed class At09LocalLearning(ITestOutputHelper log)
{
    /// <summary>Figures of the data's own description, or of a plain loop, must be reached by one line without a setting.</summary>
    [Theory]
    [InlineData("electricity")]
    [InlineData("occupancy")]
    [InlineData("abrupt")]
    [InlineData("gradual")]
    [InlineData("recurring")]
    public void Learning_with_its_defaults_answers_no_worse_than_a_loop_written_for_the_stream(string name)
    {
        var stream = name switch
        {
            "electricity" => LabeledStream.Electricity(),
            "occupancy" => LabeledStream.Occupancy(),
            _ => null,
        } ?? LabeledStream.Drifting(name is "electricity" or "occupancy" ? "gradual" : name, seed: 1);

        var ours = Accuracy(stream.Learn());
        var loop = Accuracy(PlainLoop(stream));
        var published = stream.Name == "electricity" ? 0.742 : 0;

        log.WriteLine(FormattableString.Invariant(
            $"{stream.Name}: {ours:0.0000}, plain loop {loop:0.0000}, no change {stream.NoChange:0.0000}"));
        Assert.True(ours >= loop && ours >= published, $"{ours} < {loop} or {published}");
    }

    /// <summary>With its learners side by side a fast one takes over, with or without the reaction; a slow one alone is back only by
    /// it.</summary>
    [Fact]
    public void AT_9f_Accuracy_is_back_within_500_rows_of_an_abrupt_change()
    {
        var slow = new LearnOptions { Rates = [0.02f], ScaleRows = [1_000_000] };

        var (all, allWithout) = (RowsUntilBack(new()), RowsUntilBack(new() { Drift = null }));
        var (one, oneWithout) = (RowsUntilBack(slow), RowsUntilBack(slow with { Drift = null }));

        Assert.All(all.Concat(allWithout).Concat(one), static rows => Assert.InRange(rows, 100, 500));
        Assert.All(one.Zip(oneWithout), static rows => Assert.True(rows.First < rows.Second, $"{rows}"));
        Assert.Contains(oneWithout, static rows => rows > 500);
    }

    /// <summary>By seed, the rows after an abrupt change until 95 % of the accuracy before it are there again, over 100 rows.</summary>
    private List<int> RowsUntilBack(LearnOptions options)
    {
        var back = new List<int>();
        for (var seed = 1L; seed <= 10; seed++)
        {
            var right = LabeledStream.Drifting("abrupt", seed).Learn(options);
            var before = right[(LabeledStream.Change - 1000)..LabeledStream.Change].Count(static r => r) / 1000.0;
            back.Add(Enumerable.Range(100, 2000).First(
                n => right[(LabeledStream.Change + n - 100)..(LabeledStream.Change + n)].Count(static r => r) / 100.0 >= 0.95 * before));
        }

        log.WriteLine($"{options}: back after {string.Join(", ", back)} rows");
        return back;
    }

    /// <summary>Softmax regression on columns that are scaled as they come, a step of rate 0.05 for each row: as anybody writes
    /// it.</summary>
    private static bool[] PlainLoop(LabeledStream stream)
    {
        var (rows, width, classes) = (stream.Rows, stream.Rows.Width, stream.Classes);
        var (weights, scores, right) = (new double[classes * (width + 1)], new double[classes], new bool[rows.Count]);
        var (mean, m2, row) = (new double[width], new double[width], new double[width + 1]);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var c = 0; c < width; c++)
            {
                var deviation = i > 1 ? Math.Sqrt(m2[c] / i) : 1;
                row[c] = (rows.Features[(i * width) + c] - mean[c]) / (deviation + 1e-4);
            }

            row[width] = 1;
            for (var k = 0; k < classes; k++) { scores[k] = row.Select((x, c) => x * weights[(k * (width + 1)) + c]).Sum(); }
            right[i] = Array.IndexOf(scores, scores.Max()) == rows.Labels[i];
            var sum = scores.Sum(s => Math.Exp(s - scores.Max()));
            for (var k = 0; k < classes; k++)
            {
                var error = (Math.Exp(scores[k] - scores.Max()) / sum) - (k == rows.Labels[i] ? 1 : 0);
                for (var c = 0; c <= width; c++) { weights[(k * (width + 1)) + c] -= 0.05 * error * row[c]; }
            }

            for (var c = 0; c < width; c++)
            {
                var value = rows.Features[(i * width) + c];
                var difference = value - mean[c];
                mean[c] += difference / (i + 1);
                m2[c] += difference * (value - mean[c]);
            }
        }

        return right;
    }

    private static double Accuracy(bool[] right) => right.Count(static r => r) / (double)right.Length;
}
