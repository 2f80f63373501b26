using System.Globalization;
using System.Text;

namespace StreamLearn.Nodes;

/// <summary>A plan of rows and layers on the nodes of a mesh. A value that prints as a table.</summary>
public sealed record MeshPlan
{
    internal MeshPlan(MeshCost entry, ImmutableArray<MeshBlock> blocks) => (Entry, Blocks) = (entry, blocks);

    /// <summary>The cost until the first head has the input.</summary>
    internal MeshCost Entry { get; }

    internal ImmutableArray<MeshBlock> Blocks { get; init; }

    internal MeshCost Cost => Blocks.Aggregate(Entry, static (sum, block) => sum + block.Cost);

    /// <summary>Seconds per input, from source to sink.</summary>
    public double Seconds => Cost.Seconds;

    /// <summary>Joules of computing, sending and receiving.</summary>
    public double Joules => Cost.Joules;

    /// <summary>Bytes, counted on each link.</summary>
    public double Bytes => Cost.Bytes;

    /// <inheritdoc />
    public bool Equals(MeshPlan? other) =>
        other is not null && Entry == other.Entry && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Entry, Blocks.Length, Cost);

    /// <summary>Returns a table of blocks with head, cost and rows.</summary>
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
