using StreamLearn.Samples;

namespace Tool;

internal static class ModelNames
{
    internal const string Help = "vgg5, vgg8, cnn-small, har-conv, softmax[:features-classes], mlp[:features-hidden-…-classes]";

    internal static Network? Find(string name) => name switch
    {
        "cnn-small" => ReferenceModels.CnnSmall(),
        "har-conv" => ReferenceModels.HarConv(),
        "mlp" => ReferenceModels.Mlp(784, [300], 10),
        "softmax" => ReferenceModels.Softmax(784, 10),
        "vgg5" => ReferenceModels.Vgg5(),
        "vgg8" => ReferenceModels.Vgg8(),
        _ when Sizes(name, "mlp:") is [var features, .. var hidden, var classes] => ReferenceModels.Mlp(features, hidden, classes),
        _ when Sizes(name, "softmax:") is [var features, var classes] => ReferenceModels.Softmax(features, classes),
        _ => null,
    };

    /// <summary>Parses sizes after the colon: 1 to 1,000,000, at least 2 classes; null if invalid.</summary>
    private static int[]? Sizes(string name, string start)
    {
        if (!name.StartsWith(start, StringComparison.Ordinal)) { return null; }
        var parts = name[start.Length..].Split('-');
        var sizes = new int[parts.Length];
        var product = 1L;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]) || sizes[i] is < 1 or > 1_000_000)
            {
                return null;
            }

            product = i == 0 ? 1 : Math.Max(product, (long)sizes[i - 1] * sizes[i]);
        }

        return sizes[^1] >= 2 && product <= 100_000_000 ? sizes : null;
    }
}
