using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tests;

/// <summary>What a scripted operator does; whatever is not set passes on, or does nothing.</summary>
internal sealed record Script : IBlockOptions
{
    public Action<Call, Batch> Process { get; init; } = static (call, batch) => call.Main.Emit(batch);
    public Action<Call, Note> Control { get; init; } = static (_, _) => { };
    public Action<Call> WakeUp { get; init; } = static _ => { };
    public Action<Call> Complete { get; init; } = static _ => { };
    public Action<OperatorContext> Made { get; init; } = static _ => { };
    public Func<bool> Ready { get; init; } = static () => true;
    public Func<bool> AwaitingReplies { get; init; } = static () => false;
    public Action Disposed { get; init; } = static () => { };
    public Func<int?, int?> Rows { get; init; } = static _ => null;
    public int MaxOutputsPerCall { get; init; } = 1;
    public Func<Schema, Schema> Columns { get; init; } = static input => input;
    public int? MaxRows(int? input) => Rows(input);
    public Schema Output(Schema input) => Columns(input);

    /// <summary>Passes each batch on so many times.</summary>
    internal static Script Times(int count) => new()
    {
        MaxOutputsPerCall = count,
        Process = (call, batch) =>
        {
            for (var i = 1; i < count; i++) { call.Main.Emit(batch.Retain()); }
            call.Main.Emit(batch);
        },
    };

    /// <summary>Does something with each batch before it passes it on.</summary>
    internal static Script Passing(Action<Call, Batch> act) => new()
    {
        Process = (call, batch) =>
        {
            act(call, batch);
            call.Main.Emit(batch);
        },
    };

    internal static Script Throws(Func<Batch, bool> when, string message) =>
        Passing((_, batch) => { if (when(batch)) { throw new InvalidOperationException(message); } });
}

/// <summary>A control message.</summary>
internal sealed record Note(int Number);

/// <summary>What a scripted call may use.</summary>
internal sealed class Call(OperatorContext context, IOutput<Batch> main, IOutput<Batch>? side)
{
    internal OperatorContext Context { get; } = context;
    internal IOutput<Batch> Main { get; } = main;
    internal IOutput<Batch> Side => side!;
    internal bool HasSide => side is not null;
    internal List<Batch> Held { get; } = [];
}

internal sealed class Scripted : Operator<Batch>, IControlledBy<Note>, IDisposable
{
    private readonly Script _script;
    private readonly Call _call;
    private int _calling;

    internal Scripted(Script script, OperatorContext context, IOutput<Batch> main, IOutput<Batch>? side)
    {
        (_script, _call) = (script, new(context, main, side));
        script.Made(context);
    }

    public override bool Ready => _script.Ready();
    public override bool AwaitingReplies => _script.AwaitingReplies();
    public override void Process(Batch input) => Alone(() => _script.Process(_call, input));
    public void Control(Note message) => Alone(() => _script.Control(_call, message));
    public override void WakeUp() => Alone(() => _script.WakeUp(_call));
    public override void Complete() => Alone(() => _script.Complete(_call));

    public void Dispose()
    {
        _call.Held.ForEach(b => b.Dispose());
        _call.Held.Clear();
        _script.Disposed();
    }

    private void Alone(Action action)
    {
        Assert.Equal(1, Interlocked.Increment(ref _calling));
        try { action(); }
        finally { Interlocked.Decrement(ref _calling); }
    }
}

/// <summary>Numbers as batches of one row, as fast as the pipeline takes them.</summary>
internal sealed class NumberSource(int count, BatchPool pool) : Source<Batch>
{
    private int _next;
    public override DateTimeOffset? NextAt => _next < count ? DateTimeOffset.UnixEpoch : null;
    public override Batch Next() => Blocks.Number(pool, _next++);
}

/// <summary>A number as text; <c>bad</c> is malformed and <c>throw</c> throws.</summary>
internal sealed class NumberCodec : ICodec<Batch>
{
    internal static readonly NumberCodec Default = new();
    public string Name => "number/1";

    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        if (Blocks.Number(value) == -666) { throw new InvalidOperationException("cannot encode -666"); }
        buffer.Write(Encoding.UTF8.GetBytes(Blocks.Number(value).ToString(CultureInfo.InvariantCulture)));
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (text == "throw") { throw new InvalidOperationException("cannot decode"); }
        value = int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? Blocks.Number(pool, number) : null;
        return value is not null;
    }
}

/// <summary>Pipelines of scripted blocks, and what every run must leave behind.</summary>
internal static class Blocks
{
    /// <summary>Long enough for the slowest machine; a test that waits so long has found a hang.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Schema One = Batches.Channels(1);

    internal static Batch Number(BatchPool pool, int number)
    {
        var batch = pool.Rent(One, 1);
        batch.Channels[0].Writable<float>()[0] = number;
        return batch;
    }

    internal static int Number(Batch batch) => (int)batch.Channels[0].Values<float>()[0];

    internal static Flow<Batch> Numbers(this PipelineBuilder builder, int count, string name = "numbers") =>
        builder.From(name, count, static (int count, OperatorContext context) => new NumberSource(count, context.Pool));

    internal static Flow<Batch> Block(this Flow<Batch> flow, string name, Script? script = null) =>
        flow.Via(name, script ?? new(),
            static (Script script, OperatorContext context, IOutput<Batch> output) => new Scripted(script, context, output, null));

    internal static Fork<Batch, Batch> Split(this Flow<Batch> flow, string name, Script script) =>
        flow.Via(name, script,
            static (Script script, OperatorContext context, IOutput<Batch> main, IOutput<Batch> side) =>
                new Scripted(script, context, main, side));

    internal static void Collect(this Flow<Batch> flow, List<int> numbers, string name = "collect") =>
        flow.ForEach(name, b => numbers.Add(Number(b)));

    internal static PipelineRun Start(
        Action<PipelineBuilder> build, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        Pipeline.Define("test", build).Start((options ?? new()) with { GuardMemory = true }, cancellationToken);

    /// <summary>Runs to the end and checks that nothing is left.</summary>
    internal static async Task<PipelineRun> RunAsync(Action<PipelineBuilder> build, RunOptions? options = null)
    {
        var run = Start(build, options);
        await run.EndAsync();
        return run;
    }

    /// <summary>Waits for the end of a run, in whatever way it ends, and checks that it left nothing.</summary>
    internal static async Task<Exception?> SettleAsync(this PipelineRun run)
    {
        var failure = await Record.ExceptionAsync(() => run.Completion.WaitAsync(Patience));
        Assert.IsNotType<TimeoutException>(failure);
        Assert.Equal(0, run.Tokens.Open);
        Assert.Equal(0, run.Pool.RentedBatches);
        return failure;
    }

    internal static async Task EndAsync(this PipelineRun run) => Assert.Null(await run.SettleAsync());

    internal static async Task<BlockFailedException> FailAsync(this PipelineRun run, string block)
    {
        var failure = Assert.IsType<BlockFailedException>(await run.SettleAsync());
        Assert.Equal(("test", block), (failure.Pipeline, failure.Block));
        Assert.IsNotType<AggregateException>(failure.InnerException);
        Assert.NotNull(failure.InnerException);
        Assert.StartsWith($"test/{block}: item {failure.Item}: ", failure.Message, StringComparison.Ordinal);
        return failure;
    }
}
