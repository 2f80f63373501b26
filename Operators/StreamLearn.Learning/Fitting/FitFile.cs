using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>Writes the file with a checksum to a temporary file in the same folder, then renames it.</summary>
internal sealed class FitFile(string path)
{
    private readonly StateBuffer _buffer = new();

    internal void Save(FitRun run)
    {
        _buffer.Clear();
        StateStream s = new(_buffer);
        s.Value(run.StateFormat);
        run.State(ref s);
        var sum = Crc32C.Of(_buffer.Written);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), sum);
        _buffer.Advance(4);
        var beside = path + ".new";
        using (var stream = File.Create(beside))
        {
            stream.Write(_buffer.Written);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    internal void Load(FitRun run)
    {
        if (!File.Exists(path)) { return; }
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 4 || Crc32C.Of(bytes.AsSpan(..^4)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^4..)))
        {
            throw new StateException($"'{path}' is damaged: remove it to start over");
        }

        try
        {
            StateStream s = new(bytes.AsSpan(..^4), new BatchPool());
            var format = s.Value("");
            if (format != run.StateFormat) { throw new StateException($"it has format {format}, expected {run.StateFormat}"); }
            run.State(ref s);
        }
        catch (StateException e)
        {
            throw new StateException($"'{path}' cannot be restored: {e.Message}. Undo the change, or remove the file to start over");
        }
    }

    internal void Remove() => File.Delete(path);
}
