namespace StreamLearn.Compression;

internal static class LoadedNetwork
{
    internal static Network NetworkOf(this LoadedModel model, string method)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Model is not Network network)
        {
            throw new NotSupportedException($"{method}: expected a network, got {model.Model.Structure}");
        }

        return model.Weights.SchemaHash == network.Plan.SchemaHash && model.Weights.Values.Length == network.Plan.Values
            ? network
            : throw new ArgumentException($"{method}: expected values of {network.Structure}, got {model.Weights}", nameof(model));
    }

    internal static LoadedModel With(this LoadedModel model, Network network, ReadOnlySpan<float> values) => model with
    {
        Model = network,
        Weights = model.Weights with { SchemaHash = network.Plan.SchemaHash, Values = [.. values] },
    };
}
