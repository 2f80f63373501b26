namespace StreamLearn.Tables;

internal static class AnswerRows
{
    private const int MinRowBytes = 4096;
    private const int MaxValueBytes = 64;

    /// <summary>Returns null if all rows are of one device. They are so even over several files, unless an option says otherwise, or each
    /// file was a device when the model learned. The label column holds the device, since windows keep it. <paramref name="most"/>: maximum
    /// devices beyond those that the files have now.</summary>
    internal static DeviceNames? DevicesOf(OwnColumns columns, int most, Action<string> say)
    {
        if (columns.Device is null && !(columns.FilePerDevice && columns.Said.Device is not null)) { return null; }
        var (names, set) = (Printable.Distinct(columns.Devices), columns.Files.Set);
        return new(columns.DeviceIsPart ? [.. Enumerable.Range(0, set.Files.Length).Select(f => names[set.CodeOf(f, columns.Device!)])]
            : names, most == int.MaxValue ? names.Length : most, say);
    }

    /// <summary>Returns the device's index; 0 if there is one device.</summary>
    internal static int DeviceOf(Batch window) =>
        window.TryColumn(Schema.LabelColumn, out var label) ? Math.Max(0, label.Values<int>()[^1]) : 0;

    /// <summary><paramref name="follow"/>: poll interval at the end of a growing file; null: it does not grow.</summary>
    internal static OwnForm FormOf(OwnColumns columns, Preparation preparation, TimeSpan? follow, DeviceNames? devices)
    {
        var isOfFile = columns.FilePerDevice || columns.DeviceIsPart;
        List<FileColumn> read = columns.Time is { } time ? [time] : [];
        read.AddRange(ChannelsOf(columns, preparation));
        if (devices is not null && !isOfFile)
        {
            read.Add(FileColumn.Class(Schema.LabelColumn, columns.Devices) with { Source = columns.Device!, PlaceOf = devices.Add });
        }

        return new(read)
        {
            FileColumn = devices is not null && isOfFile ? Schema.LabelColumn : OwnForm.FileOfRow,
            BatchRows = Math.Clamp(Math.Max(1, preparation.WindowRows / 2), 1, 1024),
            SamplesPerSecond = columns.Time is not null ? null : preparation.WindowRows == 1 ? 1 : preparation.RowsPerSecond,
            Follow = follow,
            MaxRowBytes = Math.Max(MinRowBytes, MaxValueBytes * (read.Count + columns.Channels.Length)),      // the maximum length of a row
        };
    }

    /// <summary>Returns the channels in the model's units and order.</summary>
    /// <exception cref="ProgramException">The file lacks a channel, or has it in another unit.</exception>
    internal static IEnumerable<FileColumn> ChannelsOf(OwnColumns columns, Preparation preparation) => preparation.Channels.Select(field =>
    {
        var found = columns.Channels.FirstOrDefault(c => c.Field.Name == field.Name);
        if (found is null || (found.Field.Unit != field.Unit && found.Field.Unit != Unit.One))
        {
            throw new ProgramException($"{columns.Files.Option}: expected a column {OwnColumns.TextOf(field)}, as the model was "
                + "learned from; got " + string.Join(", ", columns.Channels.Select(static c => OwnColumns.TextOf(c.Field))),
                ProgramExit.DataRefused);
        }

        return FileColumn.Channel(field.Name, field.Unit, nullable: true) with { Source = found.Source };
    });
}
