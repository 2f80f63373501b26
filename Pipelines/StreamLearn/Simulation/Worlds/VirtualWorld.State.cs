namespace StreamLearn.Simulation;

/// <content>A world that is saved as a whole, so that another one goes on from there.</content>
public sealed partial class VirtualWorld
{
    private readonly Dictionary<string, IStateful> _program = new(StringComparer.Ordinal);
    private long _saved;      // the number of the last checkpoint

    /// <summary>Lets a state of the program's own be saved with the world, such as what it has counted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="state">The state; it is saved and taken up after all devices.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void AddState(string name, IStateful state)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        _program.Add(name, state);
    }

    /// <summary>Saves the world with all that it holds: the events to come, the calls and messages under way, the state of each block, what
    /// is counted. A world that goes on from there ends with the same bits as one that was left alone.</summary>
    /// <remarks>It is called between runs, also after one that was canceled. What the program planned with
    /// <see cref="At(TimeSpan, Action)"/> is the program's: it plans the same again.</remarks>
    /// <exception cref="InvalidOperationException">The world is running, or is being drained; a device keeps checkpoints of its own; a
    /// block has state that cannot be saved; or what was planned during a run is still to come.</exception>
    public Checkpoint Save() => Save(_saved + 1, out _);

    /// <summary>Saves the world into a folder: on return it is on disk.</summary>
    /// <param name="folder">The folder; it is made if it is absent. <see cref="Checkpoint.Newest"/> reads it.</param>
    /// <param name="keep">Checkpoints kept there, the newest ones; at least 1.</param>
    /// <exception cref="InvalidOperationException">It cannot be saved, as with <see cref="Save()"/>.</exception>
    /// <exception cref="IOException">It could not be written; the checkpoints before it are there as they were.</exception>
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

    /// <summary>Goes on from a saved world. Before, the program makes this one as it made that one: with the same seed and start, the same
    /// devices and states, and the same plans in the same order. Plans that were carried out are not carried out again.</summary>
    /// <param name="from">The saved world.</param>
    /// <param name="join">Adds again a device that a plan had added, or that was added between runs; it gets the name of its pipeline. The
    /// clock stands at the time at which that was. Null: there are none.</param>
    /// <exception cref="StateException">It is another world, or damaged. This one is to be disposed.</exception>
    /// <exception cref="InvalidOperationException">This world has run.</exception>
    public void Load(Checkpoint from, Action<string>? join = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Events > 0 || Elapsed > TimeSpan.Zero) { throw new InvalidOperationException("a world goes on from another before it runs"); }
        new WorldUnit(this, _loop, _transports, _program).Load(from, join);
        _saved = from.Number;
    }

    private Checkpoint Save(long number, out ReadOnlyMemory<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_draining) { throw new InvalidOperationException("a world that is being drained cannot be saved: it comes to its end"); }
        bytes = new WorldUnit(this, _loop, _transports, _program).Save(number);
        var saved = Checkpoint.Read(bytes);
        _saved = number;
        return saved;
    }
}
