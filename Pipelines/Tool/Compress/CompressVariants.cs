using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Makes a smaller or faster model from a trained one, with labeled training rows. If the model has no such form, it throws a
/// <see cref="NotSupportedException"/> that names the layer.</summary>
internal delegate LoadedModel Compress(LoadedModel model, in Sample rows);

/// <summary><paramref name="Name"/>: as in tables, such as <c>int8</c>.</summary>
internal sealed record CompressedVariant(string Name, Compress Make);

internal static class CompressVariants
{
    internal static ImmutableArray<CompressedVariant> All { get; } =
    [
        new("int8", static (model, in rows) => model.Quantize(rows)),
        new("int8, trained on", static (model, in rows) => model.QuantizeAware(rows)),
        new("pruned 90 %", Pruned),
        new("half the units", static (model, in rows) => Part(model, 0.5f).Retrain(rows)),
        new("codebook", static (model, in rows) => Pruned(model, rows).ShareWeights(denseBits: 5).TuneCentroids(rows)),
        new("binary", static (model, in rows) => model.Binarize(rows)),
        new("distilled", static (model, in rows) => model.DistillInto(Student(model), rows)),
    ];

    /// <summary>Update codes to compare; add new ones here.</summary>
    internal static ImmutableArray<(string Name, TensorCode? Code)> Codes { get; } =
    [
        ("float32", null),
        .. from key in (string[])["qsgd:4", "k-bit:6", "ternary", "sign", "top-k:0.01", "random-k:0.01"]
           select (key, TensorCodes.TryParse(key)),
    ];

    /// <summary>Creates an untrained network with a quarter of the units, which keeps the feature scaling of <c>fit</c>.</summary>
    private static LoadedModel Student(LoadedModel model)
    {
        var part = Part(model, 0.75f);
        var network = (Network)part.Model;
        var kept = network.Layers[0] is Scale && Preparation.Of(model.Card) is not null ? network.LayerPlans[0].Values : 0;
        return part with
        {
            Weights = part.Weights with { Values = [.. part.Weights.Values.AsSpan()[..kept], .. network.Initial.Values.AsSpan()[kept..]] },
        };
    }

    /// <summary>Removes a share of the units.</summary>
    /// <exception cref="NotSupportedException">The network has only output units.</exception>
    private static LoadedModel Part(LoadedModel model, float share) =>
        model.PruneUnits(share) is var part && part.Model.Plan.MultiplyAdds < model.Model.Plan.MultiplyAdds ? part
            : throw new NotSupportedException("no hidden layer");

    private static LoadedModel Pruned(LoadedModel model, in Sample rows) =>
        model.Prune(rows, new() { Schedule = new(Final: 0.9f, Every: 10, Changes: 30) });
}
