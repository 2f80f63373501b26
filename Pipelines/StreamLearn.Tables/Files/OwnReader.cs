using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace StreamLearn.Tables;

/// <summary>Receives a row, its file and the index of its device; 0 without a column of devices.</summary>
internal delegate void TakeRow(Batch batch, int row, (int File, int Device) of);

internal static class OwnReader
{
    private const string DeviceOfRow = "device of the row";

    /// <summary>Reads row after row; <paramref name="columns"/> are the first of a batch. <paramref name="device"/>: the column of
    /// devices; null: none. <paramref name="rate"/>: rows a second if no column is a time, and one is needed.</summary>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    /// <exception cref="ProgramException">What <paramref name="take"/> threw.</exception>
    public static List<RefusedRow> ReadRows(IOwnFiles files, IEnumerable<FileColumn> columns, string? device,
        ImmutableArray<string> devices, TakeRow take, bool isFirstOnly = false, int most = int.MaxValue, double? rate = null)
    {
        List<FileColumn> read = [.. columns];
        if (device is not null) { read.Add(FileColumn.Class(DeviceOfRow, devices) with { Source = device }); }
        OwnForm form = new(read) { IsFirstOnly = isFirstOnly, FileColumn = OwnForm.FileOfRow, SamplesPerSecond = rate };
        return Read(files, form, batch =>
        {
            var file = batch[OwnForm.FileOfRow].Values<int>();
            var whose = device is null ? default : batch[DeviceOfRow].Values<int>();
            for (var row = 0; row < batch.Rows; row++) { take(batch, row, (file[row], whose.IsEmpty ? 0 : whose[row])); }
        }, most);
    }

    /// <summary>Returns refused rows only if all rows are read.</summary>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    /// <exception cref="ProgramException"><paramref name="read"/> threw it.</exception>
    public static List<RefusedRow> Read(IOwnFiles files, OwnForm form, Action<Batch> read, int most = int.MaxValue)
    {
        List<RefusedRow> refused = [];
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("rows", p =>
        {
            if (most < int.MaxValue)
            {
                files.Play(p, form, refuse: null).Take((most + form.BatchRows - 1) / form.BatchRows).ForEach("read", read);
                return;
            }

            files.Play(p, form, refused.Add).ForEach("read", read);
        }));
        world.RunToEnd();
        if (device.Failure is not { } failure) { return refused; }
        throw failure.GetBaseException() is FileRowsException or ProgramException ? failure.GetBaseException() : failure;
    }
}
