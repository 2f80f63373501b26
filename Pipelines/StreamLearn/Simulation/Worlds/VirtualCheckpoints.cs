namespace StreamLearn.Simulation;

/// <summary>Saves a device's state periodically and releases the messages in durable checkpoints, as the dataflow host does.</summary>
internal sealed class VirtualCheckpoints(VirtualDevice device, DeviceCheckpoints options, Checkpoint? from)
{
    private readonly StateFrames _frames = new();
    private readonly RunUnit _unit = new(device.Pipeline, device.Levels, device.World.Pool);
    private TimeSpan _last = device.World.Elapsed;
    private long _number = from?.Number ?? 0;
    private bool _isWanted;      // true if one is scheduled
    private bool _isStarted;     // true if one starts as soon as possible
    private bool _isBusy;        // true if one is being written

    internal DeviceCheckpoints Options => options;

    internal Checkpoint? Newest { get; private set; } = from;

    private VirtualWorld World => device.World;

    internal void Called()
    {
        if (World.Elapsed - _last >= options.Every) { Start(); }
    }

    internal void Want()
    {
        if (_isWanted || _isStarted) { return; }
        _isWanted = true;
        World.At(World.Elapsed + options.HoldAtMost, Start);
    }

    internal void Start()
    {
        if (_isStarted) { return; }
        _isStarted = true;
        if (!_isBusy) { World.At(World.Elapsed, Begin); }
    }

    private void Begin()
    {
        if (_isBusy || !_isStarted || device.EndedAt is not null) { return; }
        (_isStarted, _isWanted, _isBusy, _last) = (false, false, true, World.Elapsed);
        var header = new RunHeader(device.Name, ++_number, World.Now, World.Now - device.Began, World.Seed, HasEnded: false);
        _unit.Save(_frames, header, device.Actors);
        var saved = Checkpoint.Read(_frames.Seal().ToArray());
        World.At(World.Elapsed + options.SyncTime, () => Finish(saved));
    }

    private void Finish(Checkpoint saved)
    {
        _isBusy = false;
        if (device.EndedAt is not null) { return; }
        Newest = saved;
        foreach (var actor in device.Actors) { actor.ReleaseSaved(); }
        if (_isStarted) { Begin(); }
    }
}
