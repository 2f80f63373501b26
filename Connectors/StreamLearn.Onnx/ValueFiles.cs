using System.Globalization;

namespace StreamLearn.Onnx;

/// <summary>The external values of constants; each file is read once. <paramref name="folder"/>: null if it is unknown.</summary>
/// <remarks>Source: the ONNX specification, external data.</remarks>
internal sealed class ValueFiles(string? folder)
{
    private readonly Dictionary<string, byte[]> _read = new(StringComparer.Ordinal);

    internal long Length { get; private set; }

    internal ReadOnlyMemory<byte> Of(string tensor, Dictionary<string, string> said)
    {
        var bytes = File(tensor, said.GetValueOrDefault("location", ""));
        var from = Number("offset", 0);
        var length = Number("length", bytes.Length - from);
        return from >= 0 && length >= 0 && length <= bytes.Length - from
            ? bytes.AsMemory((int)from, (int)length)
            : throw Refused(tensor, $"expected {length} bytes at {from}, got a file of {bytes.Length}");

        long Number(string key, long otherwise) => !said.TryGetValue(key, out var text) ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Refused(tensor, $"expected a number as {key}, got '{text}'");
    }

    /// <summary>Refuses paths and links that leave the folder.</summary>
    private byte[] File(string tensor, string name)
    {
        if (_read.TryGetValue(name, out var known)) { return known; }
        if (folder is null) { throw Refused(tensor, "expected values in this file: to read another file, load the model by its path"); }
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny("/\\:\0"))
        {
            throw Refused(tensor, $"expected values in a file in the model's folder, got '{name}'");
        }

        var file = new FileInfo(Path.Join(folder, name));
        if (!file.Exists || file.LinkTarget is not null)
        {
            throw Refused(tensor, $"expected a file '{name}' in the model's folder, not a link");
        }

        if (file.Length > Array.MaxLength) { throw Refused(tensor, $"expected a file of at most 2 GiB, got {file.Length} bytes"); }
        var bytes = System.IO.File.ReadAllBytes(file.FullName);
        Length += bytes.Length;
        return _read[name] = bytes;
    }

    private static ModelFormatException Refused(string tensor, string why) => new($"tensor '{tensor}': {why}");
}
