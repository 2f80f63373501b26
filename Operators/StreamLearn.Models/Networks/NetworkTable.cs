using System.Globalization;
using System.Text;

namespace StreamLearn.Models;

internal static class NetworkTable
{
    private const int NameWidth = 56;

    internal static string Of(Network network)
    {
        var memory = network.Memory(1);
        var text = new StringBuilder();
        Row("layer", "output", "parameters", "multiply-adds", "kept of a row");
        foreach (var layer in memory.Layers)
        {
            Row(layer.Name, layer.Output.ToString(), MemoryPlan.Count(layer.ParameterBytes / 4), MemoryPlan.Count(layer.MultiplyAdds),
                MemoryPlan.Size(layer.TapeBytes));
        }

        Row("total", "", MemoryPlan.Count(memory.ParameterBytes / 4), MemoryPlan.Count(memory.MultiplyAdds),
            MemoryPlan.Size(memory.TapeBytes));
        var kinds = network.Plan.Slices.GroupBy(static s => s.Kind).OrderBy(static g => g.Key)
            .Select(static g => $"{g.Key.ToString().ToLowerInvariant()} {MemoryPlan.Count(g.Sum(static s => (long)s.Length))}");
        text.Append(CultureInfo.InvariantCulture, $"input {network.Plan.Input}; parameters: {string.Join(", ", kinds)}; ");
        text.Append(CultureInfo.InvariantCulture, $"{MemoryPlan.Size(memory.ParameterBytes)}\n");
        text.Append(CultureInfo.InvariantCulture, $"training with one row: {MemoryPlan.Size(memory.TrainingBytes)}, inference: ");
        text.Append(CultureInfo.InvariantCulture, $"{MemoryPlan.Size(memory.InferenceBytes)}; {network.Objective}");
        return text.ToString();

        void Row(string name, string output, string parameters, string multiplyAdds, string kept) =>
            text.Append(CultureInfo.InvariantCulture, $"{MemoryPlan.Shortened(name, NameWidth),-NameWidth} {output,-14} {parameters,12} ")
                .Append(CultureInfo.InvariantCulture, $"{multiplyAdds,14} {kept,14}\n");
    }
}
