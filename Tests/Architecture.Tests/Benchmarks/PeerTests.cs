using System.Text.Json.Nodes;
using Benchmarks;
using StreamLearn.Models;

namespace Architecture.Tests;

public sealed class PeerTests
{
    private static readonly BenchmarkModel Small = BenchmarkModel.Of(
        "small",
        new(new(3, 8), 2, [new Conv1d(2, 3, 1, 1), new Relu(), new MaxPool1d(2), new GlobalMean()], [new(3, new Dense(2))]),
        rows: 8);

    private const string None = "none";

    /// <summary>Those that are on this machine; a machine without a C compiler and without numpy has none, and says so.</summary>
    public static TheoryData<string> Present =>
        [.. Others.Where(static p => p.Missing(BenchmarkModels.B) is null).Select(static p => p.Name).DefaultIfEmpty(None)];

    [Theory]
    [MemberData(nameof(Present))]
    public void A_contender_comes_to_the_same_loss_as_ours(string name)
    {
        Assert.SkipWhen(name == None, string.Join("; ", Others.Select(static p => $"{p.Name}: {p.Missing(BenchmarkModels.B)}")));
        var peer = Others.Single(p => p.Name == name);
        foreach (var rows in new[] { 1, 7, 32 })
        {
            var losses = LossCheck.Losses(BenchmarkModels.B, rows, peer);
            Assert.Equal(2, losses.Count(l => l.Loss is not null));
            Assert.True(LossCheck.Agree(losses), $"batch {rows}: {string.Join(", ", losses)}");
            Assert.InRange(losses[0].Loss!.Value, 0.1, 1.75);       // fallen from ln 6: the steps do something
        }
    }

    private static IPeer[] Others => [Peers.Torch, Peers.Numpy, Peers.Plain, Peers.Tuned];

    [Fact]
    public void Losses_that_differ_do_not_agree()
    {
        Assert.True(LossCheck.Agree([("a", 1.5), ("b", null), ("c", 1.5 + (1.4 * LossCheck.Tolerance))]));
        Assert.False(LossCheck.Agree([("a", 1.5), ("b", null), ("c", 1.5 + (1.6 * LossCheck.Tolerance))]));
    }

    [Fact]
    public void A_peer_whose_program_is_not_there_is_missing_with_a_reason()
    {
        Assert.Equal("no module", new Peer("x", () => throw new BenchmarkException("no module")).Missing());
        Assert.Contains("no-such-program", new Peer("x", () => new("no-such-program")).Missing(), StringComparison.Ordinal);
        Assert.Contains("python3", new Peer("x", () => Peers.Python("nosuch", "nosuch.py")).Missing(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_turns_out_to_be_missing_takes_no_turns_and_says_why()
    {
        var looks = 0;
        var absent = new Contender("absent", () => throw new InvalidOperationException()) { Look = () => $"looked {++looks} times" };
        var entry = new Case("example", "ns", new("streamlearn", () => new(2, 2, 0)), absent);
        using var text = new StringWriter();
        new Output(text, json: true).Write(Suites.All[0], entry, Runner.Run(entry, repeats: 3));
        Assert.Equal("looked 1 times", (string?)JsonNode.Parse(text.ToString())!["reason"]);
    }

    [Fact]
    public void Details_of_a_peer_are_told_apart_from_ours()
    {
        Contender Of(string name, double peak) =>
            new(name, () => new(1, 1, 0) { Details = new Dictionary<string, double> { ["peak"] = peak } });
        var entry = new Case("example", "s", Of("streamlearn", 40), Of("torch", 200));
        using var text = new StringWriter();
        new Output(text, json: true).Write(Suites.All[0], entry, Runner.Run(entry, repeats: 1));
        var line = JsonNode.Parse(text.ToString())!;
        Assert.Equal((40, 200), ((double)line["peak"]!, (double)line["their_peak"]!));
    }

    [Fact]
    public void A_model_tells_peers_its_layers_and_writes_its_rows_and_trained_values()
    {
        var path = Path.GetTempFileName();
        Small.Write(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        Assert.Equal("load small /f 3x1x8 conv1d:2:3:1:1,relu,maxpool1d:2,globalmean,dense:2", Small.Request("/f"));
        Assert.Equal([8, 24, 2, 26], Enumerable.Range(0, 4).Select(i => BitConverter.ToInt32(bytes, 4 * i)));
        Assert.Equal(4 * (4 + (8 * 24) + 8 + 26), bytes.Length);
        Assert.Equal(Small.Features[0], BitConverter.ToSingle(bytes, 16));
        Assert.Equal(Small.Model.Initial.Values[^1], BitConverter.ToSingle(bytes, bytes.Length - 4));
    }

    [Fact]
    public void Ours_is_trained_through_the_block_and_counts_its_steps()
    {
        var sample = TrainRun.Contender(Small, batch: 3).Measure!();
        Assert.True(sample.Value > 0 && double.IsFinite(sample.Value));
        Assert.Equal(TrainRun.Loss(Small, rows: 8, steps: 2, rate: 0.1f), TrainRun.Loss(Small, rows: 8, steps: 2, rate: 0.1f));
        Assert.True(TrainRun.Loss(Small, rows: 8, steps: 50, rate: 0.1f) < TrainRun.Loss(Small, rows: 8, steps: 1, rate: 0.1f));
    }

    /// <summary>A first run that is compiled takes far longer than any after it.</summary>
    [Fact]
    public void A_slow_first_run_does_not_make_every_repeat_short()
    {
        var runs = 0;
        var times = Measurement.Times(0.3, n => (runs++ == 0 ? 0.5 : 0) + (n * 1e-6));
        Assert.InRange(times, 250_000, 350_000);
    }

    [Fact]
    public void Work_is_repeated_as_often_as_fills_the_wanted_time()
    {
        var asked = new List<int>();
        var times = Measurement.Times(0.5, n =>
        {
            asked.Add(n);
            return n * 0.001;
        });
        Assert.Equal(500, times);
        Assert.True(asked.Sum() < 500, "calibrating costs less than a repeat");
    }

    [Fact]
    public void The_process_of_a_cold_start_answers_in_one_line()
    {
        using var output = new StringWriter();
        Assert.Equal(0, ColdStart.Run(output));
        var words = output.ToString().Split(' ');
        Assert.Equal(3, words.Length);
        Assert.InRange(double.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), 1024, 8 * 1024 * 1024);
    }
}
