namespace StreamLearn;

internal static class DeclaredState
{
    internal static bool IsSaved(Node node) => node.Work is OperatorWork { Operator: var type } && type.IsAssignableTo(typeof(IStateful));

    internal static string? Unsaved(Node node) =>
        node.Work is OperatorWork && !IsSaved(node) ? (node.Options as IBlockOptions)?.State : null;

    internal static string? UnsavedWithin(Node node) => node.Options is PerKeyOptions { Inner: { } inner }
        ? inner.Nodes.Select(UnsavedWithin).FirstOrDefault(static s => s is not null) : Unsaved(node);

    /// <summary>True if a block's state has no declared limit. <paramref name="input"/>: schema of the input; null: unknown.</summary>
    internal static bool IsUnsized(Node node, Schema? input) => node.Options is PerKeyOptions { Inner: { } inner }
        ? inner.Nodes.Any(n => IsUnsized(n, input))
        : node.Options is IBlockOptions options
            ? (options.State is not null || IsSaved(node)) && options.StateBytes(input) == 0
            : IsSaved(node);

    /// <summary>Returns the operators that save nothing: they declare no state and are not <see cref="IStateful"/>.</summary>
    internal static IEnumerable<string> Silent(Pipeline pipeline) => pipeline.Nodes.SelectMany(static node =>
        node.Options is PerKeyOptions { Inner: { } inner } ? Silent(inner).Select(n => $"{n} in {node.Name}")
        : node.Work is OperatorWork && !IsSaved(node) && Unsaved(node) is null ? [node.Name]
        : []);
}
