namespace StreamLearn.Arrow;

/// <summary>A dictionary may grow or repeat, but changed entries are refused, because batches contain only indices.</summary>
internal sealed class SteadyTexts(BatchPlan plan)
{
    private readonly (ReadOnlyMemory<byte> Bytes, List<string?> Texts)[] _known =
        new (ReadOnlyMemory<byte>, List<string?>)[plan.Columns.Length];

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
