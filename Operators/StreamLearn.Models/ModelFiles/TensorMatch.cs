using System.Text.RegularExpressions;

namespace StreamLearn.Models;

/// <summary>Matches tensors to slices by given names, otherwise by shapes and numbers.</summary>
internal static partial class TensorMatch
{
    internal static void CheckNames(List<TensorModule> modules, IReadOnlyDictionary<string, string>? names)
    {
        foreach (var name in names?.Keys ?? [])
        {
            if (!modules.Any(m => m.Name == name || m.Places.Any(p => p.Slice.Name == name)))
            {
                throw new ArgumentException(
                    $"expected a layer or slice of {string.Join(", ", modules.Select(static m => m.Name))}, got '{name}'", nameof(names));
            }
        }
    }

    /// <summary>Matches positions with tensors; a null tensor: none is needed.</summary>
    internal static List<(TensorPlace Place, FileTensor? Tensor)> Of(
        List<TensorModule> modules, List<FileTensor> tensors, IReadOnlyDictionary<string, string>? names)
    {
        var (matches, problems) = (new List<(TensorPlace, FileTensor?)>(), new List<string>());
        var left = tensors.Where(static t => t.Part != "num_batches_tracked").ToDictionary(static t => t.Name, StringComparer.Ordinal);
        var open = modules.Where(m => !Named(m)).ToList();
        var found = left.Values.GroupBy(static t => t.Module).Select(static g => (Name: g.Key, Tensors: g.ToList())).ToList();
        while (open.Count > 0)
        {
            var first = open[0];
            var fitting = found.Where(f => f.Tensors.Count > 0 && first.Fits(f.Tensors)).ToList();
            var alike = fitting.Count == 0 ? [first] : open.Where(m => m.Fits(fitting[0].Tensors)).ToList();
            open.RemoveAll(alike.Contains);
            if (fitting.Count == 0 && first.IsOptional) { Take(first, []); }
            else if (fitting.Count < alike.Count) { problems.Add($"missing: {string.Join(", ", alike.Select(Text))}"); }
            else if (fitting.Count > alike.Count || InOrder(fitting.Select(static f => f.Name).ToList()) is not { } order)
            {
                problems.Add($"more than one way to fill {string.Join(", ", alike.Select(static m => m.Name))} from "
                    + $"{string.Join(", ", fitting.Select(static f => f.Name))}: choose by names");
                fitting.ForEach(static f => f.Tensors.Clear());
            }
            else
            {
                for (var i = 0; i < alike.Count; i++) { Take(alike[i], fitting.Single(f => f.Name == order[i]).Tensors); }
                foreach (var name in order) { found.RemoveAll(f => f.Name == name); }
            }
        }

        var over = found.SelectMany(static f => f.Tensors).Select(static t => t.ToString()).ToList();
        if (over.Count > 0) { problems.Add($"left over: {string.Join(", ", over)}"); }
        return problems.Count == 0 ? matches : throw new ModelFormatException($"tensors do not fit: {string.Join("; ", problems)}");

        void Take(TensorModule module, List<FileTensor> of) =>
            matches.AddRange(module.Places.Select(p => (p, of.Find(t => t.Part == p.Part))));

        // Names for a layer must be complete.
        bool Named(TensorModule module)
        {
            if (names is null) { return false; }
            if (!names.ContainsKey(module.Name) && !module.Places.Any(p => names.ContainsKey(p.Slice.Name))) { return false; }
            foreach (var place in module.Places)
            {
                var wanted = names.TryGetValue(place.Slice.Name, out var own) ? own
                    : names.TryGetValue(module.Name, out var whole) ? $"{whole}.{place.Part}" : null;
                FileTensor? tensor = null;
                if (wanted is not null) { left.Remove(wanted, out tensor); }
                if (tensor is not null && !place.Fits(tensor)) { problems.Add($"of another shape: {place}, got {tensor}"); }
                else if (tensor is not null || (own is null && place.Otherwise is not null)) { matches.Add((place, tensor)); }
                else { problems.Add($"missing: {place} as {wanted ?? "?"}"); }
            }

            return true;
        }

        static string Text(TensorModule module) =>
            string.Join(", ", module.Places.Where(static p => p.Otherwise is null).Select(static p => $"{p}"));
    }

    private static List<string>? InOrder(List<string> names)
    {
        if (names.Select(static n => Digits().Replace(n, "#")).Distinct().Count() > 1) { return null; }
        return [.. names.OrderBy(Numbers, StringComparer.Ordinal)];

        static string Numbers(string name) => string.Concat(Digits().Matches(name).Select(static d => d.Value.PadLeft(20, '0')));
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
