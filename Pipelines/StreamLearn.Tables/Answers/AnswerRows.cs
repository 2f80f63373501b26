namespace StreamLearn.Tables;

/// <summary>Plays rows of files to a model that answers them.</summary>
internal static class AnswerRows
{
    private const int MinRowBytes = 4096;
    private const int MaxValueBytes = 64;

    /// <summary>Null: all rows are of one device, also over several files unless an option names devices. The label column holds the
    /// device, as windows keep it. <paramref name="most"/>: devices, beyond those that the files have now.</summary>
    internal static DeviceNames? DevicesOf(OwnColumns columns, int most, Action<string> say)
    {
        if (columns.Device is null && !(columns.FilePerDevice && columns.Said.Device is not null)) { return null; }
        var (names, set) = (Printable.Distinct(columns.Devices), columns.Files.Set);
        return new(columns.DeviceIsPart ? [.. Enumerable.Range(0, set.Files.Length).Select(f => names[set.CodeOf(f, columns.Device!)])]
            : names, most == int.MaxValue ? names.Length : most, say);
    }

    /// <summary>The device's index; 0: one device.</summary>
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
            FileColumn = devices is not null && isOfFile ? Schema.LabelColumn : null,
            BatchRows = Math.Clamp(Math.Max(1, preparation.WindowRows / 2), 1, 1024),
            SamplesPerSecond = columns.Time is not null ? null : preparation.WindowRows == 1 ? 1 : preparation.RowsPerSecond,
            Follow = follow,
            MaxRowBytes = Math.Max(MinRowBytes, MaxValueBytes * (read.Count + columns.Channels.Length)),      // the maximum length of a row
        };
    }

    /// <summary>In the model's units and order.</summary>
    /// <exception cref="ProgramException">The file lacks one, or has another unit.</exception>
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
