namespace StreamLearn.Simulation;

internal sealed class WorldUnit(
    VirtualWorld world, EventLoop loop, Dictionary<string, WorldTransport> transports, Dictionary<string, IStateful> program)
{
    internal const string WorldName = "virtual world";

    private const string DeviceFormat = "world-device/4";

    private IReadOnlyList<VirtualDevice> Devices => world.Devices;

    internal byte[] Save(long number)
    {
        loop.Rest();
        RequireSavable();
        var (frames, payloads) = (new StateFrames(), new PayloadTable());
        var numbers = Devices.Index().ToDictionary(static d => d.Item, static d => d.Index);
        frames.Clear();
        var s = frames.Begin(Checkpoint.RunPart, Checkpoint.RunFormat);
        new RunHeader(WorldName, number, world.Now, world.Elapsed, world.Seed, HasEnded: false).State(ref s);
        s = frames.Begin("devices", "world-devices/1");
        SaveDevices(ref s);
        s = frames.Begin("events", "world-events/1");
        loop.State(ref s, Devices, numbers);
        foreach (var (device, i) in numbers)
        {
            s = frames.Begin($"device/{NameOf(i)}", DeviceFormat);
            device.Hardware(ref s);
            var with = new SavedWith(new(device.Pipeline), payloads, Devices, numbers, world.Now);
            foreach (var actor in device.Actors) { actor.SaveAll(frames, $"{NameOf(i)}/{actor.Node.Name}", with); }
        }

        s = frames.Begin("links", "world-links/1");
        world.Network.State(ref s);
        foreach (var (name, transport) in transports)
        {
            s = frames.Begin($"transport/{name}", "world-transport/1");
            transport.State(ref s, Devices, numbers, payloads);
        }

        foreach (var (name, state) in program)
        {
            s = frames.Begin($"program/{name}", state.StateFormat);
            state.State(ref s);
        }

        s = frames.Begin("payloads", "world-payloads/1");
        payloads.State(ref s, world.Payloads);
        return frames.Seal().ToArray();
    }

    /// <summary>Loads the state of a world that has not run. <paramref name="join"/>: adds a later device by name.</summary>
    /// <exception cref="StateException">The checkpoint is damaged or is of another world.</exception>
    internal void Load(Checkpoint from, Action<string>? join)
    {
        if (from.Pipeline != WorldName)
        {
            throw new StateException($"expected a saved world, got a checkpoint of pipeline '{from.Pipeline}'");
        }

        if (from.Seed != world.Seed)
        {
            throw new StateException($"expected a world of seed {world.Seed}, got one of seed {from.Seed}: create this one with that seed");
        }

        var (parts, payloads) = (new WorldParts(from, world.Pool, Devices), new PayloadTable());
        long publishersEnded = 0;
        parts.Read("devices", "world-devices/1", (ref StateStream s) => publishersEnded = LoadDevices(ref s, join));
        var numbers = Devices.Index().ToDictionary(static d => d.Item, static d => d.Index);
        parts.Read("events", "world-events/1", (ref StateStream s) => loop.State(ref s, Devices, numbers));
        parts.Read("payloads", "world-payloads/1", (ref StateStream s) => payloads.State(ref s, world.Payloads));
        foreach (var (i, device) in Devices.Index())
        {
            parts.Read($"device/{NameOf(i)}", DeviceFormat, device.Hardware);
            var with = new SavedWith(new(device.Pipeline), payloads, Devices, numbers, world.Now);
            foreach (var actor in device.Actors) { actor.LoadAll(parts, $"{NameOf(i)}/{actor.Node.Name}", with); }
        }

        parts.Read("links", "world-links/1", world.Network.State);
        foreach (var (name, transport) in transports)
        {
            parts.Read($"transport/{name}", "world-transport/1", (ref StateStream s) => transport.State(ref s, Devices, numbers, payloads));
        }

        world.PublishersEnded = publishersEnded;
        foreach (var (name, state) in program) { parts.Read($"program/{name}", state.StateFormat, state.State, state.Reads); }
        parts.RequireAllRead();
        payloads.Release();
    }

    private string NameOf(int device) => $"{device} {Devices[device].Name}";

    private void RequireSavable()
    {
        if (Devices.FirstOrDefault(static d => d.HasDisk) is { } device)
        {
            throw new InvalidOperationException(
                $"device '{device.Name}' keeps its own checkpoints: save such devices by them, or add it without");
        }

        foreach (var pipeline in Devices.Where(static d => d.EndedAt is null).Select(static d => d.Pipeline))
        {
            if (RunUnit.Refusal(pipeline) is { } refusal) { throw new InvalidOperationException(refusal); }
        }
    }

    private void SaveDevices(ref StateStream s)
    {
        s.Time(world.Start);
        s.Value(world.PublishersEnded);
        s.Value(Devices.Count);
        foreach (var device in Devices)
        {
            s.Value(device.Name);
            s.Value((device.Began - world.Start).Ticks);
            device.Standing(ref s);
        }
    }

    private long LoadDevices(ref StateStream s, Action<string>? join)
    {
        var start = s.Time(null);
        if (start != world.Start) { throw new StateException($"expected a world that began at {world.Start:O}, got one of {start:O}"); }
        var (publishersEnded, count, added) = (s.Value(0L), s.Value(0, 0, int.MaxValue), Devices.Count);
        if (count < added)
        {
            throw new StateException($"expected {added} devices or more, got {count}: add only devices of the saved world");
        }

        for (var i = 0; i < count; i++)
        {
            var (name, at) = (s.Value(""), new TimeSpan(s.Value(0L)));
            if (i >= added)
            {
                loop.Elapsed = at;
                join?.Invoke(name);
                if (Devices.Count != i + 1)
                {
                    throw new StateException(
                        $"device '{name}' was added at {at}: expected it to be added again on request, got {Devices.Count - i} devices");
                }
            }

            if (Devices[i].Name != name || Devices[i].Began - world.Start != at)
            {
                throw new StateException($"expected device {i} to be '{name}', added at {at}, got '{Devices[i].Name}'");
            }

            Devices[i].Standing(ref s);
        }

        return publishersEnded;
    }
}
