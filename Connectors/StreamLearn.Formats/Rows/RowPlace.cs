namespace StreamLearn.Formats;

/// <summary>A position in files. <paramref name="Head"/>: offset of the header of the rows; 0: the first.</summary>
internal readonly record struct RowPlace(int File, long Offset, long Line, long Rows, long Head = 0)
{
    internal static RowPlace Start { get; } = new(0, 0, 1, 0);

    internal RowPlace State(ref StateStream s, int files)
    {
        var place = new RowPlace(s.Value(File, 0, files), s.Value(Offset), s.Value(Line), s.Value(Rows));
        return place.Offset >= 0 && place.Line >= 1 && place.Rows >= 0
            ? place : throw new StateException($"expected a place in files, got {place}");
    }
}
