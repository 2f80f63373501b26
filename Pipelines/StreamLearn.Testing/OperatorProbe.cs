namespace StreamLearn.Testing;

/// <summary>Runs one operator by script, without a host: sends messages, moves the clock, reads outputs.</summary>
/// <remarks>The block comes from a real pipeline, with its options, outputs and control inputs. Time moves only in <see cref="Advance"/>.
/// The test owns removed messages and may dispose them or leave that to the probe.</remarks>
public sealed partial class OperatorProbe : IDisposable
{
    /// <summary>The clock's first time, 2025-01-01T00:00Z.</summary>
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MaxWakeUpsAtOnce = 100_000;
    private const int AllReloaded = 128;     // number of calls that all reload the state; later every 128th call does

    /// <summary>Restores a new operator from state before each call, so that tests cover the state. Unguarded probes are
    /// excluded.</summary>
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

    /// <summary>The block's pipeline.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The run's pool; rent the block's batches here.</summary>
    public BatchPool Pool { get; }

    /// <summary>The block's counters.</summary>
    public BlockMetrics Metrics => _block.Metrics;

    /// <summary>The time of the next call.</summary>
    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>The block's next wake-up; null: none.</summary>
    public DateTimeOffset? WakeAt => _block.WakeAt;

    /// <summary>False while the block is closed to data.</summary>
    public bool Ready => _block.Ready;

    /// <summary>True while the block awaits control replies.</summary>
    public bool AwaitingReplies => _block.AwaitingReplies;

    /// <summary>Called with port and message on each emission, before a test removes the message.</summary>
    internal Action<int, object>? Emitted { get => _block.Emitted; set => _block.Emitted = value; }

    /// <summary>Sends a data message, which the block then owns. Immediate wake-ups need <c>Advance(TimeSpan.Zero)</c>. Batches with
    /// undeclared columns are sent unchanged; a run would refuse them.</summary>
    /// <exception cref="InvalidOperationException">The block is closed to data; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Send(object message)
    {
        Begin();
        _block.Process(message, Now);
        End();
    }

    /// <summary>Sends a data message to the second input.</summary>
    /// <exception cref="InvalidOperationException">The input is closed or absent; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void SendSecond(object message)
    {
        Begin();
        _block.Process(message, Now, second: true);
        End();
    }

    /// <summary>Returns true if an input is open to data.</summary>
    /// <param name="second">True: the second input.</param>
    public bool IsOpen(bool second) => _block.IsOpen(second);

    /// <summary>Ends one input of a block with two.</summary>
    /// <param name="second">True: the second input.</param>
    /// <exception cref="InvalidOperationException">The block has one input.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void EndInput(bool second)
    {
        Begin();
        _block.CompleteInput(second, Now);
    }

    /// <summary>Sends a control message to the input of its type.</summary>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Control(object message)
    {
        Begin();
        _block.Control(message, Now);
        End();
    }

    /// <summary>Advances the clock, stopping at each due wake-up.</summary>
    /// <param name="time">The time, 0 or more.</param>
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

    /// <summary>Makes the wake-up due now, if any, to step through repeating wake-ups.</summary>
    /// <returns>False if none is due.</returns>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public bool WakeUp()
    {
        if (!(WakeAt <= Now)) { return false; }
        Wake();
        return true;
    }

    /// <summary>Ends the block's input.</summary>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Complete()
    {
        Begin();
        _block.Complete(Now);
    }

    /// <summary>Disposes outputs that were not removed; allocates nothing.</summary>
    public void Clear() => _block.Clear();

    /// <summary>Ends the run: the block releases its resources.</summary>
    /// <exception cref="InvalidOperationException">The block leaked a batch.</exception>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _block.Dispose();
        if (Pool.RentedBatches != 0)
        {
            throw new InvalidOperationException(
                $"block '{Metrics.Block}' ended with batches still rented: {Pool.RentedBatches}. The block has to emit, drop or dispose "
                    + "each batch that it received or rented; the test has to send or dispose each that it rented");
        }
    }

    internal bool Restarts { get; set; }

    /// <summary>Declared state that cannot be saved, so that runs keep no checkpoints; null: none.</summary>
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
