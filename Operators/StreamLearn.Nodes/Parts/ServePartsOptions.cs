namespace StreamLearn.Nodes;

internal sealed record ServePartsOptions(string? Worker, int MaxRows, Weights? Start)
{
    public override string ToString() => $"{Worker ?? "by the pipeline's name"}, {MaxRows} rows at most";
}
