using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

/// <summary>States as earlier versions of the library wrote them, value by value.</summary>
public sealed class OlderStateTests
{
    private delegate void Written(ref StateStream s);

    /// <summary>An exit's budget; then, by format, the bound, the integers, when the version came; and no version, because one is
    /// pinned.</summary>
    [Theory]
    [InlineData("answer-windows/1", 0.9)]
    [InlineData("answer-windows/2", 0.95)]
    [InlineData("answer-windows/3", 0.95)]
    [InlineData("answer-windows/4", 0.95)]
    public void Answers_keep_the_level_of_their_bound_and_the_alarm_starts_with_no_label(string format, double level)
    {
        var model = new Network(new(1), 2, [new Dense(1)], [new(0, new Dense(2))], features: [Field.Channel("x", Unit.One)]);
        var scores = ConformalScores.Of([.. Enumerable.Range(0, 2000).Select(static i => i / 2000f)],
            [.. Enumerable.Range(0, 2000).Select(static i => i % 20)])!;
        BlockMetrics metrics = new("answer");
        var answer = new AnswerWindows(new("pump-7", model, new(["good", "worn"])
        {
            Model = model,
            Pinned = model.Initial with { Version = 1, Values = [1, 0, -1, 1, 0, 0] },
            Bound = new(0.9, scores),
        }), Context(metrics), new Taken<WindowAnswer>());
        Assert.Contains(format, answer.EarlierFormats);

        Open(format, answer.State, (ref StateStream s) =>
        {
            s.Value(0.0);
            if (format != "answer-windows/1") { _ = (s.Value(true), s.Value(0.9), s.Value(0.95)); }
            if (format is "answer-windows/3" or "answer-windows/4") { s.Value(false); }
            if (format == "answer-windows/4") { s.ClockTime(OperatorProbe.Start); }
            s.Value(false);
        });

        var windows = new Schema(Field.Time(), Field.Channel("x", Unit.One), Field.Label());
        answer.Process(Batches.Of(new(), windows, new[] { 5L }, new[] { 3f }, new int?[] { 1 }));      // within the bound
        StateBuffer saved = new();
        StateStream newest = new(saved);
        answer.State(ref newest);
        Assert.Equal(level - 0.0005, BitConverter.ToDouble(saved.Written[17..]), 1e-12);       // after the budget, a flag and the share
        Assert.Equal((1, 0), (metrics.Counter("labels-within"), metrics.Counter("bound-alarms")));
    }

    /// <summary>Ten rows a second, of which the newest lacked its value: no row is made anew, and the rate is that of the model.</summary>
    [Fact]
    public void Rows_go_on_within_their_part_at_the_rate_of_the_model()
    {
        const long Last = 1_700_000_000_000_000_000, Step = 100_000_000;
        Taken<Batch> taken = new();
        Preparation preparation = new([Field.Channel("x", Unit.One)], 16, 8) { RowsPerSecond = 10, FilledRows = 2 };
        var fill = new FillRows(new(preparation, OwnForm.FileOfRow), Context(new("fill")), taken);
        Assert.Equal(["fill-rows/2"], fill.EarlierFormats);

        Open("fill-rows/2", fill.State, static (ref StateStream s) =>
        {
            s.Value((long?)(Last + Step));          // the newest row
            _ = (s.Value(Last), s.Value(0));        // the last whole one, and its label
            _ = (s.Value((long?)null), s.Value(0)); // none is held
            s.Values<float>([0]);
            _ = (s.Value(1), s.Value(true));        // rows that lack values, in a part
            s.Values<float>([5]);
            s.Value(3);                             // the part
        });

        var rows = new Schema(Field.Time(), Field.Channel("x", Unit.One));
        fill.Process(Batches.Of(new(), rows, new[] { Last + (2 * Step), Last + (3 * Step), Last + (60 * Step) }, new[] { 7f, 8, 9 }));
        fill.Complete();

        Assert.Equal([(1, 6f, 3), (2, 7, 3), (3, 8, 3), (60, 9, 4)], taken.Items.SelectMany(static b => Enumerable.Range(0, b.Rows).Select(
            r => ((int)((b["time"].Values<long>()[r] - Last) / Step), b["x"].Values<float>()[r], b["segment"].Values<int>()[r]))));
    }

    private static void Open(string format, Written into, Written state)
    {
        StateBuffer buffer = new();
        StateStream written = new(buffer);
        state(ref written);
        StateStream read = new(buffer.Written, new(), format: format);
        into(ref read);
        Assert.True(read.HasEnded);
    }

    private static OperatorContext Context(BlockMetrics metrics)
    {
        OperatorContext context = new("pump-7", "older", seed: 1, new(), metrics, CancellationToken.None);
        context.Begin(OperatorProbe.Start);
        return context;
    }

    private sealed class Taken<T> : IOutput<T>
        where T : class
    {
        internal List<T> Items { get; } = [];
        public void Emit(T item) => Items.Add(item);
    }
}
