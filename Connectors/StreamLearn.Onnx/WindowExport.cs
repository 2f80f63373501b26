namespace StreamLearn.Onnx;

internal static class WindowExport
{
    private const string Place = "window";

    internal static bool IsIn(OnnxGraph graph) =>
        graph.Nodes is [{ Name: var name }, ..] && name.StartsWith($"{Place}/", StringComparison.Ordinal);

    internal static ExportedNodes Begin(Shape input, OnnxWindow? window)
    {
        if (window is null) { return new(ExportedNodes.SizesOf(input)); }
        if (window.Features is { } plan && (plan.Channels != window.Channels || window.Rows < 2))
        {
            throw new ArgumentException($"expected windows of 2 rows or more and {plan.Channels} channels, got {window}", nameof(window));
        }

        if (window.Convolutions is { } kernels && (kernels.Channels, kernels.Rows) != (window.Channels, window.Rows))
        {
            throw new ArgumentException(
                $"expected windows of {kernels.Rows} rows and {kernels.Channels} channels, got {window}", nameof(window));
        }

        var nodes = new ExportedNodes([window.Rows, window.Channels]) { Place = Place };
        nodes.Add("Transpose", [window.Channels, window.Rows], [], new OnnxAttribute("perm") { Integers = [0, 2, 1] });
        if (window.Features is { } features) { new FeatureExport(features, window.Rows, nodes).Add(); }
        if (window.Convolutions is { } rocket) { new RocketExport(rocket, nodes).Add(); }
        if (nodes.Sizes.Aggregate(1L, static (product, size) => product * size) != input.Size)
        {
            throw new ArgumentException($"expected windows with the output {input}, got "
                + $"[{string.Join(", ", nodes.Sizes)}]", nameof(window));
        }

        nodes.Reshape(ExportedNodes.SizesOf(input));
        return nodes;
    }
}
