namespace StreamLearn.Models;

internal static class NetworkNames
{
    internal static IEnumerable<(string Name, SliceKind Kind, int Length)> Slices(NetworkLayout layout)
    {
        for (var i = 0; i < layout.Trunk.Layers.Length; i++)
        {
            foreach (var (name, kind, length) in layout.Trunk.Plans[i].Slices)
            {
                var isScale = layout.Trunk.Layers[i] is Scale && i == 0;
                if (!isScale && IsScale(name)) { throw new ArgumentException($"layer {i}: scale can only be the first layer"); }
                yield return (isScale ? name : $"{i}.{name}", kind, length);
            }
        }

        for (var e = 0; e < layout.Exits.Length; e++)
        {
            foreach (var (name, kind, length) in layout.Heads[e].Slices)
            {
                if (IsScale(name)) { throw new ArgumentException($"exit {e}: scale can only be the first layer of the network"); }
                yield return ($"exit{e}.{name}", kind, length);
            }
        }
    }

    internal static string Structure(NetworkLayout layout)
    {
        var parts = new List<string>();
        for (var i = 0; i < layout.Trunk.Layers.Length; i++)
        {
            parts.Add(layout.Trunk.Layers[i].ToString());
            if (layout.ExitAfter(i) is >= 0 and var exit) { parts.Add(layout.Exits[exit].ToString()); }
        }

        return $"network {layout.Trunk.Boundaries[0]}: {string.Join(", ", parts)}";
    }

    private static bool IsScale(string name) =>
        name == ModelPlan.ScaleMean || name.EndsWith($".{ModelPlan.ScaleMean}", StringComparison.Ordinal);
}
