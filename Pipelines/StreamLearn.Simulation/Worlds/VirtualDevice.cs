namespace StreamLearn.Simulation;

/// <summary>A pipeline in a virtual world: a processor of n cores on which its calls queue, control first, and a link.</summary>
public sealed class VirtualDevice
{
    private readonly Queue<OperatorActor> _control = [];
    private readonly Queue<OperatorActor> _data = [];
    private readonly RandomStream _jitter;
    private readonly List<Actor> _actors = [];
    private int _freeCores;

    internal VirtualDevice(VirtualWorld world, Pipeline pipeline, DeviceProfile profile, LinkProfile link)
    {
        (World, Pipeline, Profile, Link, _freeCores) = (world, pipeline, profile.Checked(), link.Checked(), profile.Cores);
        Metrics = new(pipeline.Name);
        _jitter = new(world.Seed, "jitter", pipeline.Name);
        (Up, Down) = (new(link.UpBitsPerSecond, link.Outages), new(link.DownBitsPerSecond, link.Outages));
    }

    /// <summary>The pipeline that runs on it.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pipeline's name.</summary>
    public string Name => Pipeline.Name;

    /// <summary>What it can compute.</summary>
    public DeviceProfile Profile { get; }

    /// <summary>Its link.</summary>
    public LinkProfile Link { get; }

    /// <summary>The counters of every block and edge.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>Why the device stopped before its end; null if it did not. The other devices go on.</summary>
    public BlockFailedException? Failure { get; private set; }

    /// <summary>Bytes sent.</summary>
    public long BytesUp => Up.Bytes;

    /// <summary>Bytes received.</summary>
    public long BytesDown => Down.Bytes;

    /// <summary>Virtual time spent in calls, over all cores.</summary>
    public TimeSpan Busy { get; private set; }

    /// <summary>Virtual time at which the last block ended; null while any goes on.</summary>
    public TimeSpan? EndedAt { get; private set; }

    internal VirtualWorld World { get; }

    internal LinkDirection Up { get; }

    internal LinkDirection Down { get; }

    internal TokenPool Tokens { get; } = new();

    internal IReadOnlyList<Actor> Actors => _actors;

    internal bool Dirty { get; set; }

    internal void Add(Actor actor) => _actors.Add(actor);

    internal void Enqueue(OperatorActor actor, bool control)
    {
        (control ? _control : _data).Enqueue(actor);
        World.MarkDirty(this);
    }

    /// <summary>Starts calls while there are free cores.</summary>
    internal void Dispatch()
    {
        while (_freeCores > 0 && (_control.TryDequeue(out var actor) || _data.TryDequeue(out actor)))
        {
            var duration = actor.TryRun();
            if (duration == TimeSpan.Zero) { continue; }
            _freeCores--;
            Busy += duration;
            World.At(World.Elapsed + duration, EventKind.CallEnd, actor);
        }
    }

    internal void FreeCore()
    {
        _freeCores++;
        World.MarkDirty(this);
    }

    internal TimeSpan DurationOf(long multiplyAdds)
    {
        if (multiplyAdds == 0 || double.IsPositiveInfinity(Profile.MultiplyAddsPerSecond)) { return TimeSpan.Zero; }
        var factor = Profile.Jitter == 0 ? 1 : Math.Max(0.2, 1 + (Profile.Jitter * _jitter.NextGaussian()));
        var seconds = multiplyAdds / (Profile.MultiplyAddsPerSecond * Profile.SpeedAt(World.Elapsed)) * factor;
        return TimeSpan.FromTicks(Math.Max(1, (long)Math.Round(seconds * TimeSpan.TicksPerSecond)));
    }

    internal void Fail(BlockFailedException failure)
    {
        Failure ??= failure;
        Release();
    }

    internal void Release()
    {
        foreach (var actor in _actors) { actor.Stop(); }
        EndedAt ??= World.Elapsed;
    }

    internal void ActorEnded()
    {
        if (_actors.TrueForAll(a => a.Ended)) { EndedAt ??= World.Elapsed; }
    }
}
