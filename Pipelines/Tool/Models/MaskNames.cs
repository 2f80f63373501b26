namespace Tool;

internal static class MaskNames
{
    internal const string Help = "all, head-only, bias-only, batch-norm-only, freeze-below:N";

    private const string FreezeBelow = "freeze-below:";

    internal static TrainableMask? Find(string name) => name switch
    {
        "all" => TrainableMask.All,
        "head-only" => TrainableMask.HeadOnly,
        "bias-only" => TrainableMask.BiasOnly,
        "batch-norm-only" => TrainableMask.BatchNormOnly,
        _ when name.StartsWith(FreezeBelow, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(FreezeBelow.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var layer) =>
            TrainableMask.FreezeBelow(layer),
        _ => null,
    };
}
