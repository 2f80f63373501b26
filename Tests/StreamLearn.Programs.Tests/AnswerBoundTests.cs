using System.Buffers;
using System.Text;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

/// <summary>Which classes an answer leaves possible.</summary>
public sealed class AnswerBoundTests
{
    /// <summary>One value, of which the second class gets more the larger it is: at 0 both get half, at 3 0.0025 and 0.9975.</summary>
    private static readonly Network Model = new(
        new(1), 2, [new Dense(1)], [new(0, new Dense(2))], features: [Field.Channel("x", Unit.One)]);

    private static readonly Schema Windows = new(Field.Time(), Field.Channel("x", Unit.One), Field.Label());

    /// <summary>Ninety-three scores in a hundred are below 0.67, the others 0.99.</summary>
    private static readonly ConformalScores Scores = ConformalScores.Of(
        [.. Enumerable.Range(0, 2000).Select(static i => i % 100 < 93 ? i / 3000f : 0.99f)],
        [.. Enumerable.Range(0, 2000).Select(static i => i % 20)])!;

    private static AnswerOptions Options => new(["good", "worn"])
    {
        Model = Model,
        Pinned = new() { Version = 1, SchemaHash = Model.Plan.SchemaHash, Values = [1, 0, -1, 1, 0, 0] },
        Bound = new(0.9, Scores),
    };

    [Fact]
    public void An_answer_says_which_classes_are_possible_as_JSON_too()
    {
        using var probe = OperatorProbe.Of<Batch, WindowAnswer>(static windows => windows.Answer("pump-7", Options), Windows);
        Send(probe, 3, label: null);
        Send(probe, 0, label: null);

        var (sure, unsure) = (probe.Take<WindowAnswer>(), probe.Take<WindowAnswer>());

        Assert.Equal(["worn"], sure.Possible);
        Assert.Equal(["good", "worn"], unsure.Possible);
        var json = new ArrayBufferWriter<byte>();
        WindowAnswer.Json.Encode(unsure, json);
        Assert.Contains("\"possible\":[\"good\",\"worn\"]", Encoding.UTF8.GetString(json.WrittenSpan), StringComparison.Ordinal);
        Assert.True(WindowAnswer.Json.TryDecode(new(json.WrittenMemory), probe.Pool, out var read));
        Assert.Equal(unsure, read);
        Assert.NotEqual(unsure with { Possible = ["worn", "good"] }, read);
    }

    [Fact]
    public void A_value_is_answered_with_its_bounds_as_JSON_too()
    {
        var line = new Network(new(1), 1, [new Scale()], [new(0, new Dense(1))], objective: new SquaredError(100, 10));
        var windows = new Schema(Field.Time(), Field.Channel("x", Unit.One), Field.Target(Unit.One));
        var initial = line.Initial.Values;
        using var probe = OperatorProbe.Of<Batch, WindowAnswer>(rows => rows.Answer("pump-7", Options with
        {
            Model = line,
            Pinned = new() { Version = 1, SchemaHash = line.Plan.SchemaHash, Values = [.. initial[..^2], 2, 1] },
        }), windows);
        probe.Send(Batches.Of(probe.Pool, windows, new[] { 5L }, new[] { 3f }, new double?[] { 170.5 }));
        probe.Send(Batches.Of(probe.Pool, windows, new[] { 5L }, new[] { 3f }, new double?[] { 171 }));

        var answer = probe.Take<WindowAnswer>();

        Assert.Equal(("", 170f), (answer.Class, answer.Value));        // 100 + 10 · (2 · 3 + 1)
        Assert.Equal(0.67, answer.Bounds!.Value.High - 170, 0.02);
        Assert.Equal((1, 1), (probe.Metrics.Counter("labels-within"), probe.Metrics.Counter("labels-outside")));
        var json = new ArrayBufferWriter<byte>();
        WindowAnswer.Json.Encode(answer, json);
        Assert.Contains("\"value\":170,\"low\":169.", Encoding.UTF8.GetString(json.WrittenSpan), StringComparison.Ordinal);
        Assert.DoesNotContain("class", Encoding.UTF8.GetString(json.WrittenSpan), StringComparison.Ordinal);
        Assert.True(WindowAnswer.Json.TryDecode(new(json.WrittenMemory), probe.Pool, out var read));
        Assert.Equal(answer, read);
    }

    /// <summary>Twenty-three labels outside widen the bound from 0.9 to above 1, whether they come with the windows or after
    /// them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Labels_widen_what_is_possible(bool later)
    {
        using var probe = OperatorProbe.From<Batch>((p, windows) =>
            windows.Answer("pump-7", Model, models: null, Options, later ? p.Input<Batch>("labelled") : null).Output("main"), Windows);
        for (var i = 0; i < 25; i++)
        {
            Send(probe, 3, later ? null : 0);
            if (later) { probe.Control(Window(probe, 3, label: 0)); }
        }

        var answers = probe.TakeAll<WindowAnswer>().Select(static a => a.Possible.Length).ToList();

        Assert.Equal([.. Enumerable.Repeat(1, 23), 2, 2], answers);
        Assert.Equal((2, 23), (probe.Metrics.Counter("labels-within"), probe.Metrics.Counter("labels-outside")));
        Assert.Equal((6, 2), (probe.Metrics.Counter("bound-alarms"), probe.Metrics.Counter("unbounded")));      // one in four labels
    }

    [Fact]
    public void Labels_that_come_later_reach_the_block_that_answers()
    {
        var link = new InProcessTransport();
        var device = SensorPipeline.Create(
            new("pump-7", new("sl/plant"), Model, static p => p.Input<Batch>("rows", Windows), Windows, static windows => windows)
            {
                Answering = Options,
                Labels = new(["good", "worn"]),
            }, EdgeLink.Over(link));

        Assert.Contains(device.Edges, e =>
            e.IsControl && (device.Nodes[e.From].Name, device.Nodes[e.To].Name) == ("hold-for-labels", "answer owner"));
    }

    private static void Send(OperatorProbe probe, float value, int? label) => probe.Send(Window(probe, value, label));

    private static Batch Window(OperatorProbe probe, float value, int? label) =>
        Batches.Of(probe.Pool, Windows, new long[] { 1 }, new[] { value }, new[] { label });
}
