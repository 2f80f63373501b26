namespace StreamLearn.Testing.Tests;

/// <summary>The C# of docs/reference/operators.md.</summary>
public sealed record EveryNthOptions(int N) : IOperatorOptions<Batch, Batch, EveryNth>
{
    public EveryNth Create(OperatorContext context, IOutput<Batch> output) => new(N, context, output);
}

public sealed class EveryNth(int n, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private readonly List<int> _rows = [];                          // the rows of a batch to keep; a field, so that no call allocates it
    private int _place;                                             // 0 to n - 1: the row at 0 is kept

    public string StateFormat => "every-nth/1";

    public void State(ref StateStream s) => s.Value(ref _place, 0, n - 1);      // writes it, or reads it

    public override void Process(Batch batch)
    {
        _rows.Clear();
        for (var row = 0; row < batch.Rows; row++)
        {
            if (_place == 0) { _rows.Add(row); }
            _place = (_place + 1) % n;
        }

        context.DropRows(batch.Rows - _rows.Count, "between");
        if (_rows.Count > 0)
        {
            var kept = context.Pool.Rent(batch.Schema, _rows.Count);
            for (var i = 0; i < _rows.Count; i++) { kept.CopyFrom(i, batch, _rows[i], rows: 1); }
            output.Emit(kept);                                      // owned by the next block from here on
        }

        batch.Dispose();                                            // it was this block's
    }
}

public static class EveryNthFlowExtensions
{
    /// <summary>Keeps the first of every n rows, counted across batches.</summary>
    public static Flow<Batch> EveryNth(this Flow<Batch> flow, int n)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        return flow.Via("every-nth", new EveryNthOptions(n));
    }
}

public sealed class EveryNthTests
{
    [Fact]
    public void Every_second_row_is_kept_across_batches()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(flow => flow.EveryNth(2), Batches.Channels(1));

        probe.Send(Batches.OfChannels(probe.Pool, [1, 2, 3]));
        Assert.Equal([1, 3], probe.Expect<Batch>()["c0"].Values<float>().ToArray());

        probe.Send(Batches.OfChannels(probe.Pool, [4]));
        probe.ExpectNothing();

        probe.Send(Batches.OfChannels(probe.Pool, [5, 6]));
        Assert.Equal([5], probe.Expect<Batch>()["c0"].Values<float>().ToArray());
        Assert.Equal(2 + 1, probe.Metrics.RowsOut);
    }

    [Fact]
    public void It_keeps_the_contract() => OperatorContract.Check(
        () => OperatorProbe.Of<Batch, Batch>(flow => flow.EveryNth(2), Batches.Channels(1)),
        pool => [Batches.OfChannels(pool, [1, 2, 3]), Batches.OfChannels(pool, [4]), Batches.OfChannels(pool, [5, 6])]);
}

public sealed record Silent(DateTimeOffset Since);

public sealed record SilenceOptions(TimeSpan After) : IOperatorOptions<Batch, Silent, Silence>
{
    public Silence Create(OperatorContext context, IOutput<Silent> output) => new(After, context, output);
}

public sealed class Silence(TimeSpan after, OperatorContext context, IOutput<Silent> output) : Operator<Batch>, IStateful
{
    private DateTimeOffset _last;

    public string StateFormat => "silence/1";

    public void State(ref StateStream s) => s.ClockTime(ref _last);

    public override void Process(Batch batch)
    {
        batch.Dispose();
        _last = context.Now;
        context.WakeAt(_last + after);                              // one wake-up is kept: the earliest
    }

    public override void WakeUp()
    {
        if (context.Now < _last + after) { context.WakeAt(_last + after); }
        else { output.Emit(new(_last)); }
    }
}

public sealed class SilenceTests
{
    [Fact]
    public void A_silence_is_reported_once()
    {
        using var probe = OperatorProbe.Of<Batch, Silent>(flow => flow.Via("silence", new SilenceOptions(TimeSpan.FromSeconds(5))));

        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        probe.Advance(TimeSpan.FromSeconds(4));
        probe.Send(Batches.OfChannels(probe.Pool, [2]));
        probe.Advance(TimeSpan.FromSeconds(4));
        probe.ExpectNothing();

        probe.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new Silent(OperatorProbe.Start + TimeSpan.FromSeconds(4)), probe.Expect<Silent>());
        probe.ExpectNothing();
    }

    [Fact]
    public void It_keeps_the_contract() => OperatorContract.Check(
        () => OperatorProbe.Of<Batch, Silent>(flow => flow.Via("silence", new SilenceOptions(TimeSpan.FromSeconds(5)))),
        pool => [Batches.OfChannels(pool, [1]), Batches.OfChannels(pool, [2])],
        step: TimeSpan.FromSeconds(10));
}

internal static class OperatorGuideExamples
{
    internal static async Task<List<float>> RunAsync(Func<CancellationToken, IAsyncEnumerable<Batch>> rows)
    {
        var kept = new List<float>();
        var pipeline = Pipeline.Define("pump-7", p => p
            .FromSequence("rows", rows, new Schema(Field.Channel("c0", Unit.One)))
            .EveryNth(2)
            .ForEach("keep", batch => kept.AddRange(batch["c0"].Values<float>())));

        Console.WriteLine(pipeline.Explain());
        await pipeline.RunAsync();
        return kept;
    }

    internal static Fork<Batch, Batch> TwoOutputs(Flow<Batch> flow) => flow.Via("split", new SplitOptions(100),
        static (SplitOptions options, OperatorContext context, IOutput<Batch> small, IOutput<Batch> large) =>
            new SplitBySize(options, small, large));
}

internal sealed record SplitOptions(int Rows);                      // a batch with fewer is small

internal sealed class SplitBySize(SplitOptions options, IOutput<Batch> small, IOutput<Batch> large) : Operator<Batch>
{
    public override void Process(Batch batch) => (batch.Rows < options.Rows ? small : large).Emit(batch);
}

public sealed record Switch(bool IsOn);

public sealed record GateOptions : IOperatorOptions<Batch, Batch, Gate>
{
    public Gate Create(OperatorContext context, IOutput<Batch> output) => new(output);
}

public sealed class Gate(IOutput<Batch> output) : Operator<Batch>, IControlledBy<Switch>
{
    private bool _isOn = true;

    public override bool Ready => _isOn;                            // looked at after each call

    public override void Process(Batch batch) => output.Emit(batch);

    public void Control(Switch message) => _isOn = message.IsOn;
}

public static class GateFlowExtensions
{
    /// <summary>Lets batches through while it is switched on; they wait otherwise.</summary>
    public static Flow<Batch> Gate(this Flow<Batch> flow, Flow<Switch> switches) =>
        flow.Via("gate", new GateOptions()).ControlledBy(switches);
}

public sealed record MagnitudeOptions : IOperatorOptions<Batch, Batch, Magnitude>, IBlockOptions
{
    public Magnitude Create(OperatorContext context, IOutput<Batch> output) => new(this, context, output);

    public Schema Output(Schema input) => new([.. input.Fields, Field.Channel("magnitude", Unit.StandardGravity)]);
}

public sealed class Magnitude(MagnitudeOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private Schema? _columns;

    public override void Process(Batch batch)
    {
        _columns ??= options.Output(batch.Schema);                  // once: all batches of a flow have the same columns
        var wider = context.Pool.Rent(_columns, batch.Rows);
        for (var i = 0; i < batch.Columns.Count; i++) { wider.Columns[i].CopyFrom(0, batch.Columns[i], 0, batch.Rows); }
        var (x, y) = (batch["x"], batch["y"]);
        var magnitude = wider["magnitude"].Writable<float>();
        for (var row = 0; row < batch.Rows; row++)
        {
            magnitude[row] = float.Hypot(x.Values<float>()[row], y.Values<float>()[row]);
        }

        batch.Dispose();
        output.Emit(wider);
    }
}

public sealed class WholePipelineTests
{
    [Fact]
    public async Task Two_blocks_keep_every_fourth_row()
    {
        List<float> kept = [];
        var pipeline = Pipeline.Define("test", p => p
            .Input<Batch>("rows", Batches.Channels(1))
            .EveryNth(2)
            .EveryNth(2).Named("every fourth")
            .ForEach("keep", batch => kept.AddRange(batch["c0"].Values<float>())));

        await using var run = pipeline.Start(new() { GuardMemory = true });
        await run.SendAsync("rows", Batches.OfChannels(run.Pool, [1, 2, 3, 4, 5, 6]));
        run.Complete("rows");
        await run.Completion;                                           // all is processed; throws if a block failed

        Assert.Equal([1, 5], kept);
    }
}

public sealed class GateTests
{
    [Fact]
    public void A_gate_that_is_off_takes_nothing()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Gate(p.Input<Switch>("switches")).Output("out"));

        probe.Control(new Switch(IsOn: false));
        Assert.False(probe.Ready);
        probe.Control(new Switch(IsOn: true));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        Assert.Equal(1, probe.Expect<Batch>().Rows);
    }
}
