namespace StreamLearn.Simulation.Tests;

/// <summary>What a publication says beside its payload arrives alike in both hosts and in a replay.</summary>
public sealed class PropertiesTests
{
    private static readonly MessageProperties Kind = new() { ContentType = "application/x-num", User = [new("unit", "g")] };
    private static readonly string[] Expected =
    [
        "same application/x-num, unit=g", "same application/x-num, unit=g", "same application/x-num, unit=g", "own correlation 00", "own ",
        "own correlation 02",
    ];

    [Fact]
    public async Task In_the_dataflow_host_and_in_a_replay_of_its_run()
    {
        using var text = new StringWriter();
        var (seen, again) = (new List<string>(), new List<string>());
        using (var recorder = new RunRecorder(text))
        {
            await using var air = new InProcessTransport();
            var options = new RunOptions { Recorder = recorder, Pace = Pace.AsFastAsPossible };
            await using var reading = Reader(air, seen).Start(options, Cancellation);
            await using var sending = Sender(air).Start(options, Cancellation);
            await sending.Completion;
            await reading.DrainAsync(Cancellation);
        }
        await using var none = new InProcessTransport();
        using var replay = RunReplay.Run(new StringReader(text.ToString()), [Reader(none, again), Sender(none)], seed: 0);

        Assert.Equal(Expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(seen, again);
    }

    [Fact]
    public async Task In_a_replay_of_one_side_alone_whose_content_was_kept()
    {
        using var read = new StringWriter();
        using var sent = new StringWriter();
        var (seen, again) = (new List<string>(), new List<string>());
        using (var ofReader = new RunRecorder(read) { KeepsContent = true })
        using (var ofSender = new RunRecorder(sent) { KeepsContent = true })
        {
            await using var air = new InProcessTransport();
            await using var reading = Reader(air, seen).Start(new() { Recorder = ofReader }, TestContext.Current.CancellationToken);
            await using var sending = Sender(air).Start(
                new() { Recorder = ofSender, Pace = Pace.AsFastAsPossible }, TestContext.Current.CancellationToken);
            await sending.Completion;
            await reading.DrainAsync(TestContext.Current.CancellationToken);
        }

        await using var none = new InProcessTransport();
        using var reader = RunReplay.Run(new StringReader(read.ToString()), [Reader(none, again)], seed: 0);
        using var sender = RunReplay.Run(new StringReader(sent.ToString()), [Sender(none)], seed: 0);
        using var other = RunReplay.Run(
            new StringReader(sent.ToString().Replace("\nS 0 1 0 ", "\nS 0 1 0 0", StringComparison.Ordinal)), [Sender(none)], seed: 0);

        Assert.Equal(Expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(seen, again);
        Assert.Equal((6, null), (sender.Compared, sender.Difference));
        Assert.Matches("^line [0-9]+: message 0 of 'sender/publish ", other.Difference);
    }

    [Fact]
    public void In_the_virtual_world_also_to_those_who_come_later()
    {
        var (seen, late) = (new List<string>(), new List<string>());
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Reader(air, seen));
        world.Add(Sender(air));
        world.RunFor(Ms(20));
        world.Add(Reader(air, late, "late"));
        world.RunToEnd();
        Assert.Equal(Expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(["own correlation 02", "same application/x-num, unit=g"], late.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_definition_prints_and_compares_them()
    {
        static Pipeline With(MessageProperties? properties) => Pipeline.Define("a", p =>
            p.Count(3, Ms(1)).Publish(new InProcessTransport(), "same", NumCodec.Plain, properties: properties));

        Assert.Contains("application/x-num, unit=g", With(Kind).ToMermaid(), StringComparison.Ordinal);
        Assert.Equal(With(Kind), With(new() { ContentType = "application/x-num", User = [new("unit", "g")] }));
        Assert.NotEqual(With(Kind), With(Kind with { ContentType = "text/plain" }));
        Assert.NotEqual(With(Kind), With(null));
    }

    private static Pipeline Sender(ITransport air) => Pipeline.Define("sender", p =>
    {
        var numbers = p.Count(3, Ms(1));
        numbers.Publish(air, "same", NumCodec.Plain, retain: true, Kind);
        numbers.Publish(air, "own", NumCodec.Plain,
            n => n.Value == 1 ? null : new() { CorrelationData = new byte[] { (byte)n.Value } }, retain: true);
    });

    private static Pipeline Reader(ITransport air, List<string> seen, string name = "reader") => Pipeline.Define(name, p =>
        p.Subscribe<Note>(air, "+", "note/1", (message, _) => new($"{message.Topic} {message.Properties}"))
            .ForEach("end", n => seen.Add(n.Text)));

    private sealed record Note(string Text);
}
