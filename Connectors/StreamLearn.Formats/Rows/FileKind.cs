namespace StreamLearn.Formats;

/// <summary>Kinds of files that are not tables of text, by their first bytes.</summary>
internal static class FileKind
{
    internal const int StartBytes = 512;
    private const int ZipNames = 100;        // the first name is among these bytes

    private const string Table = "write its table as CSV or Arrow";

    private static readonly (int At, byte[] Bytes, string Kind, string Advice)[] Binary =
    [
        (0, [.. "PAR1"u8], "Parquet", "write it as Arrow or CSV, such as pandas.read_parquet(…).to_feather('rows.arrow')"),
        (0, [0x89, .. "HDF"u8], "HDF5", Table + ", such as pandas.read_hdf(…).to_csv('rows.csv', index=False)"),
        (0, [.. "MATLAB 5.0 MAT"u8], "a MATLAB file", Table + ", such as writetable(…) in MATLAB, or scipy.io.loadmat(…)"),
        (0, [.. "MATLAB 7.3 MAT"u8], "a MATLAB file", Table + ", such as writetable(…) in MATLAB, or h5py"),
        (0, [0xFF, 0xFE, 0, 0], "text in UTF-32", "write it in UTF-8"), (0, [0, 0, 0xFE, 0xFF], "text in UTF-32", "write it in UTF-8"),
        (8, [.. ".FIT"u8], "a FIT activity", "export it as CSV, such as with FitCSVTool of the FIT SDK"),
        (0, [.. "SQLite format 3"u8], "an SQLite database", "export a table, such as sqlite3 -header -csv FILE 'select * from TABLE'"),
        (8, [.. "WAVE"u8], "WAV sound", "write its samples as CSV or Arrow, such as with scipy.io.wavfile.read(…)"),
        (0, [0x93, .. "NUMPY"u8], "a NumPy array", "write it as CSV, such as numpy.savetxt('rows.csv', …, delimiter=',', header='x,y,z', "
            + "comments='')"),
        (0, [0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook", "save the sheet as CSV"),
        (0, [.. "ARROW1"u8], "Arrow", "read it with StreamLearn.Arrow"),
        (0, [.. "FEA1"u8], "Feather of version 1", "write it as Arrow: version 2, the default of pandas"),
        (0, [.. "ORC"u8], "ORC", Table), (0, [.. "Obj"u8, 1], "Avro", Table), (0, [.. "CDF"u8, 1], "NetCDF", Table),
        (0, [.. "CDF"u8, 2], "NetCDF", Table), (0, [.. "TDSm"u8], "TDMS of LabVIEW", Table), (0, [.. "MDF     "u8], "MDF", Table),
        (0, [.. "#ROSBAG"u8], "a ROS bag", "write a topic as CSV, such as rostopic echo -b FILE -p /topic"),
        (0, [0xFF, .. "BIOSEMI"u8], "BDF", Table), (0, [.. "%PDF"u8], "PDF", "use the file with the rows"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd", "decompress it: zstd -d FILE"),
        (0, [.. "BZh"u8], "compressed by bzip2", "decompress it: bzip2 -d FILE"),
        (0, [0xFD, .. "7zXZ"u8], "compressed by xz", "decompress it: xz -d FILE"),
        (0, [.. "7z"u8, 0xBC, 0xAF], "a 7z archive", "decompress it"), (0, [.. "Rar!"u8], "a RAR archive", "decompress it"),
        (257, [.. "ustar"u8], "a tar archive", "unpack it, and name the files in it"),
    ];

    private static readonly (string Start, string Kind, string Advice)[] Text =
    [
        ("{", "JSON", "write its rows as CSV; a sensor reads it with format: json"),
        ("[{", "JSON", "write its rows as CSV, such as pandas.read_json(…).to_csv('rows.csv', index=False)"),
        ("<?xml", "XML", "write its rows as CSV"),
        ("<!DOCTYPE", "HTML", "use the file with the rows"), ("<html", "HTML", "use the file with the rows"),
        ("<gpx", "GPX", "write its points as CSV"),
        ("@relation", "ARFF", "write it as CSV: the names after @attribute as the first line, then the lines after @data"),
        ("%", "ARFF or MATLAB text", "remove the lines before the rows, and name the columns in the first line"),
    ];

    /// <summary>Returns what a file is and what to do with it, after <c>is</c>; null for text, gzip, or a zip of one file.</summary>
    internal static string? OfBytes(ReadOnlySpan<byte> start)
    {
        foreach (var (at, bytes, kind, advice) in Binary)
        {
            if (start.Length >= at + bytes.Length && start.Slice(at, bytes.Length).SequenceEqual(bytes)) { return $"{kind}: {advice}"; }
        }

        if (start is [(byte)'P', (byte)'K', 3, 4, ..])
        {
            var first = start[..Math.Min(start.Length, ZipNames)];
            if (first.IndexOf(".npy"u8) >= 0) { return $"an npz archive of NumPy arrays: {Table}"; }
            if (first.IndexOf("[Content_Types]"u8) >= 0 || first.IndexOf("mimetype"u8) >= 0 || first.IndexOf("xl/"u8) >= 0)
            {
                return "a workbook: save the sheet as CSV";
            }
        }

        if (start is [0x80, >= 2 and <= 5, ..]) { return $"a Python pickle: {Table}, such as DataFrame.to_csv"; }
        return null;
    }

    /// <summary>The same for text that is no table.</summary>
    internal static string? OfText(ReadOnlySpan<byte> start)
    {
        if (start[..Math.Min(start.Length, StartBytes)].Contains((byte)0))
        {
            return "no text, it has NUL bytes: write its rows as CSV or Arrow; Encoding.Unicode reads text in UTF-16";
        }

        var text = Encoding.UTF8.GetString(start.TrimStart("\uFEFF \t\r\n"u8));
        if (text.StartsWith('|') && text.Split('\n') is [_, var line, ..] && line.Contains("---", StringComparison.Ordinal)
            && line.All(static c => c is '|' or '-' or ':' or ' ' or '\r'))
        {
            return "a Markdown table: write it as CSV, without the line of dashes";
        }

        foreach (var (begin, kind, advice) in Text)
        {
            if (!text.StartsWith(begin, StringComparison.OrdinalIgnoreCase) || (begin == "{" && IsOneObject(text))) { continue; }
            if (begin != "%" || text.Contains("@relation", StringComparison.OrdinalIgnoreCase)) { return $"{kind}: {advice}"; }
        }

        return null;
    }

    /// <summary>True for a line of JSON above other rows.</summary>
    private static bool IsOneObject(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 2 && lines[0].EndsWith('}') && 2 * lines.Count(static l => l.StartsWith('{')) < lines.Length;
    }
}
