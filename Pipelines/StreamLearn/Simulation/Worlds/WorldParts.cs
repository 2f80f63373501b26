namespace StreamLearn.Simulation;

internal sealed class WorldParts(Checkpoint from, BatchPool pool, IReadOnlyList<VirtualDevice> devices)
{
    private const string AsBefore = "create this world like the saved one, with the same devices, blocks, transports and states";

    private readonly HashSet<string> _read = [Checkpoint.RunPart];

    internal void Read(string name, string format, LoadingPart load, Func<string, bool>? reads = null)
    {
        if (from[name] is not { } part) { throw new StateException($"the saved world has no {What(name)}: {AsBefore}"); }
        if (part.Format != format && reads?.Invoke(part.Format) != true)
        {
            throw new StateException($"{What(name)} has format {part.Format}, expected {format}");
        }

        _read.Add(name);
        try
        {
            StateStream s = new(part.Content.Span, pool, format: part.Format);
            load(ref s);
            if (!s.HasEnded) { throw new StateException($"{s.Left} more bytes than expected"); }
        }
        catch (StateException e) { throw new StateException($"{What(name)}: {e.Message}"); }
    }

    internal void RequireAllRead()
    {
        if (from.Parts.FirstOrDefault(p => !_read.Contains(p.Name)) is not { } left) { return; }
        throw new StateException($"{What(left.Name)} of the saved world is not in this one: {AsBefore}");
    }

    private string What(string part) => part.Split('/', 2) switch
    {
        ["block", var rest] => BlockIn(rest),
        ["state", var rest] => $"the state of {BlockIn(rest)}",
        ["device", var rest] => $"device '{rest[(rest.IndexOf(' ', StringComparison.Ordinal) + 1)..]}'",
        ["transport", var rest] => $"transport '{rest}'",
        ["program", var rest] => $"the program's state '{rest}'",
        _ => $"its {part}",
    };

    private string BlockIn(string rest)
    {
        var space = rest.IndexOf(' ', StringComparison.Ordinal);
        if (!int.TryParse(rest.AsSpan(0, space), out var number) || number >= devices.Count) { return $"block '{rest}'"; }
        var device = devices[number].Name;
        return $"block '{rest[(space + device.Length + 2)..]}' of device '{device}'";
    }
}

internal delegate void LoadingPart(ref StateStream s);
