namespace StreamLearn.Testing;

/// <summary>Runs one operator by script, without a host: sends it messages, moves its clock, takes what it emits.</summary>
/// <remarks>
/// The block is taken from a pipeline, so its options, outputs and control inputs are the real ones. Time stands still except in
/// <see cref="Advance"/>.
/// A message taken from the probe belongs to the test, which may dispose it or leave that to the probe.
/// </remarks>
public sealed partial class OperatorProbe : IDisposable
{
    /// <summary>The clock's first time, 2025-01-01T00:00Z.</summary>
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MaxWakeUpsAtOnce = 100_000;
    private const int AllReloaded = 128;     // calls, each of a new operator; of those after them, one in so many

    /// <summary>The switch by which calls are made of a new operator that has taken up the state of the one before, where it has one: what
    /// a test expects then holds for the state too. Probes without guard are left out.</summary>
    private static readonly bool Reloads = AppContext.TryGetSwitch("StreamLearn.Testing.Reloads", out var reloads) && reloads;

    private readonly BlockCalls _block;
    private readonly bool _guard;
    private int _calls;
    private bool _disposed;

    private OperatorProbe(Pipeline pipeline, Node node, long seed, bool guard)
    {
        (Pool, _guard, Pipeline) = (new(guard), guard, pipeline);
        _block = new(pipeline, node, Pool, Start, seed);
    }

    /// <summary>The pipeline that the block was taken from.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pool of the run; batches for the block are rented here.</summary>
    public BatchPool Pool { get; }

    /// <summary>The block's counters.</summary>
    public BlockMetrics Metrics => _block.Metrics;

    /// <summary>The time of the next call.</summary>
    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>When the block wants to be woken; null if it asked for nothing.</summary>
    public DateTimeOffset? WakeAt => _block.WakeAt;

    /// <summary>False while the block is closed to data.</summary>
    public bool Ready => _block.Ready;

    /// <summary>True while the block awaits replies on its control inputs.</summary>
    public bool AwaitingReplies => _block.AwaitingReplies;

    /// <summary>Sees each message as the block emits it, before a test takes it: port and message.</summary>
    internal Action<int, object>? Emitted
    {
        get => _block.Emitted;
        set => _block.Emitted = value;
    }

    /// <summary>
    /// Sends a data message; it is the block's from now on. A wake-up that falls due at once waits for <c>Advance(TimeSpan.Zero)</c>. A
    /// batch of other columns than declared, which a run refuses before the block, is sent as it is: a test sees what the block does.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException">The block is closed to data; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Send(object message)
    {
        Begin();
        _block.Process(message, Now);
        End();
    }

    /// <summary>Sends a data message to the second input of a block that has two.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException">The block is closed to it, or has one input; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void SendSecond(object message)
    {
        Begin();
        _block.Process(message, Now, second: true);
        End();
    }

    /// <summary>True if a block is open to data on an input.</summary>
    /// <param name="second">True: the second input of a block that has two.</param>
    public bool IsOpen(bool second) => _block.IsOpen(second);

    /// <summary>Tells a block with two inputs that one has ended.</summary>
    /// <param name="second">True: the second input.</param>
    /// <exception cref="InvalidOperationException">The block has one input.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void EndInput(bool second)
    {
        Begin();
        _block.CompleteInput(second, Now);
    }

    /// <summary>Sends a control message to the input of its type.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Control(object message)
    {
        Begin();
        _block.Control(message, Now);
        End();
    }

    /// <summary>Moves the clock, stopping at each wake-up that falls due.</summary>
    /// <param name="time">By how much, 0 or more.</param>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = Now + time;
        for (var calls = 0; WakeAt <= end; calls++)
        {
            if (calls == MaxWakeUpsAtOnce)
            {
                throw new InvalidOperationException($"the block asked for more than {MaxWakeUpsAtOnce} wake-ups in {time}");
            }

            if (WakeAt is { } at && at > Now) { Now = at; }
            Wake();
        }

        Now = end;
    }

    /// <summary>Makes the wake-up that is due now, if there is one: a block that always asks for the next can be taken step by
    /// step.</summary>
    /// <returns>False if none is due.</returns>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public bool WakeUp()
    {
        if (!(WakeAt <= Now)) { return false; }
        Wake();
        return true;
    }

    /// <summary>Tells the block that there is no more input.</summary>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Complete()
    {
        Begin();
        _block.Complete(Now);
    }

    /// <summary>Disposes all that was emitted and not taken; allocates nothing.</summary>
    public void Clear() => _block.Clear();

    /// <summary>Ends the run: the block gives back what it holds.</summary>
    /// <exception cref="InvalidOperationException">A batch is still rented: the block has lost it.</exception>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _block.Dispose();
        if (Pool.RentedBatches != 0)
        {
            throw new InvalidOperationException(
                $"block '{Metrics.Block}' ended with batches still rented: {Pool.RentedBatches}. The block emits, drops or disposes each "
                    + "that it got or rented; the test sends or disposes each that it rented");
        }
    }

    /// <summary>True: after each call the block is made anew, and goes on from what it saved, as after a restart.</summary>
    internal bool Restarts { get; set; }

    /// <summary>State that the block declares and cannot save, so that no run of it keeps checkpoints; null: none.</summary>
    internal string? Unsaved => _block.UnsavedState;

    private void Wake()
    {
        Begin();
        _block.WakeUp(Now);
        End();
    }

    private void Begin()
    {
        if (Reloads && !Restarts && _guard && (_calls < AllReloaded || _calls % AllReloaded == 0)) { _block.Reload(asRestart: false); }
        _calls++;
    }

    private void End()
    {
        if (Restarts) { _block.Reload(asRestart: true); }
    }
}
