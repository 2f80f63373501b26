namespace StreamLearn.Simulation;

internal sealed class WorldLinks
{
    private readonly Dictionary<(string From, string To), VirtualLink> _between = [];
    private readonly HashSet<string> _linked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkDirection[]> _media = new(StringComparer.Ordinal);

    internal List<VirtualLink> Pairs { get; } = [];

    internal List<VirtualMedium> Media { get; } = [];

    internal void Add(VirtualLink link)
    {
        if (_between.ContainsKey((link.From, link.To)))
        {
            throw new ArgumentException($"expected one link between '{link.From}' and '{link.To}', got another");
        }

        _between[(link.From, link.To)] = _between[(link.To, link.From)] = link;
        _linked.UnionWith([link.From, link.To]);
        Pairs.Add(link);
    }

    internal void Add(VirtualMedium medium)
    {
        if (Media.Exists(m => m.Name == medium.Name)) { throw new ArgumentException($"a medium is already named '{medium.Name}'"); }
        Media.Add(medium);
        foreach (var device in medium.Devices) { _media[device] = [.. MediaOf(device) ?? [], medium.Queue]; }
    }

    internal bool HasAny(string device) => _linked.Count > 0 && _linked.Contains(device);

    internal VirtualLink? Between(string one, string other) => _between.GetValueOrDefault((one, other));

    internal LinkDirection[]? MediaOf(string device) => _media.Count == 0 ? null : _media.GetValueOrDefault(device);

    internal LinkDirection[] MediaOf(string one, string other) => [.. (MediaOf(one) ?? []).Union(MediaOf(other) ?? [])];

    internal void State(ref StateStream s)
    {
        if (s.Value(Pairs.Count) is var pairs && pairs != Pairs.Count)
        {
            throw new StateException($"expected {Pairs.Count} links between devices, got {pairs}");
        }

        foreach (var pair in Pairs) { pair.State(ref s); }
        if (s.Value(Media.Count) is var media && media != Media.Count)
        {
            throw new StateException($"expected {Media.Count} shared media, got {media}");
        }

        foreach (var medium in Media) { medium.State(ref s); }
    }
}
