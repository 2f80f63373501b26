namespace StreamLearn.Simulation;

/// <content>Saves the whole world, so that another one can resume it.</content>
public sealed partial class VirtualWorld
{
    private readonly Dictionary<string, IStateful> _program = new(StringComparer.Ordinal);
    private long _saved;      // number of the last checkpoint

    /// <summary>Adds a state of the program, which is saved with the world.</summary>
    /// <param name="name">The name.</param>
    /// <param name="state">The state, saved and restored after all devices.</param>
    /// <exception cref="ArgumentException">The name is already used.</exception>
    public void AddState(string name, IStateful state)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        _program.Add(name, state);
    }

    /// <summary>Saves the whole world: pending events, calls, messages, block states and counters. Resuming gives the same bits as no
    /// interruption.</summary>
    /// <remarks>Call it between runs, also after a canceled one. When the world resumes, the program must repeat its
    /// <see cref="At(TimeSpan, Action)"/> calls.</remarks>
    /// <exception cref="InvalidOperationException">The world is running or draining, a device keeps checkpoints, a block's state cannot be
    /// saved, or an action scheduled during a run is pending.</exception>
    public Checkpoint Save() => Save(_saved + 1, out _);

    /// <summary>Saves the world durably into a folder.</summary>
    /// <param name="folder">The folder, created if absent; read by <see cref="Checkpoint.Newest"/>.</param>
    /// <param name="keep">Newest checkpoints to keep, at least 1.</param>
    /// <exception cref="InvalidOperationException">The world cannot be saved, as with <see cref="Save()"/>.</exception>
    /// <exception cref="IOException">The checkpoint could not be written; earlier ones are unchanged.</exception>
    public Checkpoint Save(string folder, int keep = 3)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        using var storage = new FileStorage(folder);
        var files = new CheckpointFiles(storage, keep);
        var saved = Save(Math.Max(_saved, files.Newest) + 1, out var bytes);
        files.Write(saved.Number, bytes.Span);
        return saved;
    }

    /// <summary>Resumes a saved world. Rebuild the world identically first: seed, start, devices, states and scheduled actions in the same
    /// order. Actions that were already executed are not repeated.</summary>
    /// <param name="from">The saved world.</param>
    /// <param name="join">Adds again, by pipeline name and at its original time, a device that was added by a scheduled action or between
    /// runs. Null: there is none.</param>
    /// <exception cref="StateException">The checkpoint is damaged or is of another world. Dispose this world.</exception>
    /// <exception cref="InvalidOperationException">This world has run.</exception>
    public void Load(Checkpoint from, Action<string>? join = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Events > 0 || Elapsed > TimeSpan.Zero)
        {
            throw new InvalidOperationException("a world can resume from another only before it runs");
        }
        new WorldUnit(this, _loop, _transports, _program).Load(from, join);
        _saved = from.Number;
    }

    private Checkpoint Save(long number, out ReadOnlyMemory<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_draining) { throw new InvalidOperationException("a world that is being drained cannot be saved: it is ending"); }
        bytes = new WorldUnit(this, _loop, _transports, _program).Save(number);
        var saved = Checkpoint.Read(bytes);
        _saved = number;
        return saved;
    }
}
