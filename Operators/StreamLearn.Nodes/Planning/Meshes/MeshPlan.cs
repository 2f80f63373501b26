using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace StreamLearn.Nodes;

/// <summary>Which rows of which layers run on which node of a mesh. A value: it prints as a table, and compares.</summary>
/// <param name="Entry">What the input costs until it is at the head of the first block.</param>
/// <param name="Blocks">The blocks, in order.</param>
public sealed record MeshPlan(MeshCost Entry, ImmutableArray<MeshBlock> Blocks)
{
    /// <summary>What an input costs, from its source until the output is at the sink.</summary>
    public MeshCost Cost => Blocks.Aggregate(Entry, static (sum, block) => sum + block.Cost);

    /// <inheritdoc />
    public bool Equals(MeshPlan? other) =>
        other is not null && Entry == other.Entry && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Entry, Blocks.Length, Cost);

    /// <summary>A table: for each block its head, its cost, and who has which rows.</summary>
    public override string ToString()
    {
        var (text, head) = (new StringBuilder(), Math.Max("head".Length, Blocks.Max(static block => block.Head.Length)));
        Row("layers", "head", "s", "J", "MB", "rows");
        Cost("entry", "", Entry, "");
        foreach (var block in Blocks)
        {
            Cost(FormattableString.Invariant($"{block.First}-{block.End - 1}"), block.Head, block.Cost, string.Join(", ", block.Parts));
        }

        Cost("total", "", this.Cost, "");
        return text.ToString().TrimEnd();

        void Cost(string layers, string head, MeshCost cost, string rows) =>
            Row(layers, head, Number(cost.Seconds, "F3"), Number(cost.Joules, "F2"), Number(cost.Bytes / 1e6, "F3"), rows);

        void Row(string layers, string name, string seconds, string joules, string bytes, string rows) => text.Append(
            $"{layers,-6}  {name.PadRight(head)}  {seconds,8}  {joules,8}  {bytes,8}  {rows}".TrimEnd()).Append('\n');

        static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
