namespace StreamLearn;

/// <summary>What the blocks of a pipeline say of their state before it runs: by their options, and by what their operators are.</summary>
internal static class DeclaredState
{
    /// <summary>True if an operator's state can be saved.</summary>
    internal static bool IsSaved(Node node) => node.Work is OperatorWork { Operator: var type } && type.IsAssignableTo(typeof(IStateful));

    /// <summary>The state that an operator declares and cannot save; null: none.</summary>
    internal static string? Unsaved(Node node) =>
        node.Work is OperatorWork && !IsSaved(node) ? (node.Options as IBlockOptions)?.State : null;

    /// <summary>The same, also of the operators that a block runs for its keys.</summary>
    internal static string? UnsavedWithin(Node node) => node.Options is PerKeyOptions { Inner: { } inner }
        ? inner.Nodes.Select(UnsavedWithin).FirstOrDefault(static s => s is not null)
        : Unsaved(node);

    /// <summary>True if a block has state of which it does not say how large it may be. <paramref name="input"/>: the columns that come in;
    /// null: not known.</summary>
    internal static bool IsUnsized(Node node, Schema? input) => node.Options is PerKeyOptions { Inner: { } inner }
        ? inner.Nodes.Any(n => IsUnsized(n, input))
        : node.Options is IBlockOptions options
            ? (options.State is not null || IsSaved(node)) && options.StateBytes(input) == 0
            : IsSaved(node);

    /// <summary>The operators of which nothing is saved, because they declare no state and have no <see cref="IStateful"/>.</summary>
    internal static IEnumerable<string> Silent(Pipeline pipeline) => pipeline.Nodes.SelectMany(static node =>
        node.Options is PerKeyOptions { Inner: { } inner } ? Silent(inner).Select(n => $"{n} in {node.Name}")
        : node.Work is OperatorWork && !IsSaved(node) && Unsaved(node) is null ? [node.Name]
        : []);
}
