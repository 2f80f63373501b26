namespace StreamLearn.Arrow;

/// <summary>Sees to it that the index of a text means the same in all batches of a source: a dictionary may grow, and may come again; with
/// other texts under the same indices it is refused, since a batch has the indices alone.</summary>
internal sealed class SteadyTexts(BatchPlan plan)
{
    private readonly (ReadOnlyMemory<byte> Bytes, List<string?> Texts)[] _known =
        new (ReadOnlyMemory<byte>, List<string?>)[plan.Columns.Length];

    /// <summary>Checks the entries of a column, unless they are those of the last batch.</summary>
    /// <exception cref="ArrowFormatException">An index has had another text.</exception>
    internal void Check(int column, ReadOnlyMemory<byte> bytes, int count, Func<int, string?> text)
    {
        ref var known = ref _known[column];
        var texts = known.Texts ??= [];
        if (texts.Count == count && known.Bytes.Equals(bytes)) { return; }
        known.Bytes = bytes;
        for (var i = 0; i < count; i++)
        {
            var entry = text(i);
            if (i == texts.Count) { texts.Add(entry); }
            else if (texts[i] != entry)
            {
                var name = plan.Arrow.Fields[plan.Columns[column].Index].Name;
                throw new ArrowFormatException(
                    $"column '{name}': expected '{texts[i]}' as entry {i} of its dictionary, as before, got '{entry}'");
            }
        }
    }
}
