using System.Text;

namespace Examples.Tests;

/// <summary>A folder in the layout of the original download, gone after the test: <c>RawData</c> with text files.</summary>
internal sealed class TextFolder : IDisposable
{
    internal TextFolder()
    {
        Path = Directory.CreateTempSubdirectory("hapt-").FullName;
        Directory.CreateDirectory(Raw);
    }

    /// <summary>The folder that <c>RawData</c> is in.</summary>
    internal string Path { get; }
    internal string Raw => System.IO.Path.Combine(Path, "RawData");
    public void Dispose() => Directory.Delete(Path, recursive: true);
    internal string Of(string file) => System.IO.Path.Combine(Raw, file);

    /// <summary>Two recordings of one person and one of another: 4, 2 and 3 samples.</summary>
    internal static TextFolder Small()
    {
        var folder = new TextFolder();
        folder.Write("acc_exp01_user01.txt",
            "0.9180555898766518 -0.1124999994242935 0.5097222514293852\n1 -1 0\n\n  0.5\t2.5e-1 -5E-01 \r\n0 0 0");
        folder.Write("gyro_exp01_user01.txt", "-0.05497787 -0.06963863 -0.03084868\n0 0 0\n10.0081 -10.0084 0\n0.000305 0 0\n");
        folder.Write("acc_exp02_user01.txt", "\uFEFF0 0 1\n0 0 1\n");
        folder.Write("gyro_exp02_user01.txt", "0 0 0\n0 0 0\n");
        folder.Write("acc_exp13_user07.txt", "1 0 0\n1 0 0\n1 0 0\n");
        folder.Write("gyro_exp13_user07.txt", "0 0 0\n0 0 0\n0 0 0\n");
        folder.Write("labels.txt", "1 1 5 1 2\n1 1 7 3 3 \n13 7 1 2 3\r\n\n");
        return folder;
    }

    /// <summary>Writes recordings as text, each value off its step by up to 0.002 of one, as the published ones are.</summary>
    internal static TextFolder Of(HarRecordings recordings, string labels)
    {
        var folder = new TextFolder();
        folder.Write("labels.txt", labels);
        var random = new RandomStream(1, "text");
        foreach (var recording in recordings.Recordings)
        {
            var (acc, gyro) = (new StringBuilder(), new StringBuilder());
            for (var i = 0; i < recording.Samples; i++)
            {
                var raw = recordings.Raw(recording.Offset + i);
                for (var c = 0; c < 6; c++)
                {
                    var step = c < 3 ? 1 / 720.0 : 0.0175 * Math.PI / 180;
                    var value = (raw[c] + random.NextDouble(-0.002, 0.002)) * step;
                    (c < 3 ? acc : gyro).Append(CultureInfo.InvariantCulture, $"{value}{(c % 3 == 2 ? '\n' : ' ')}");
                }
            }
            folder.Write($"acc_exp{recording.Number:00}_user{recording.Person:00}.txt", acc.ToString());
            folder.Write($"gyro_exp{recording.Number:00}_user{recording.Person:00}.txt", gyro.ToString());
        }
        return folder;
    }

    internal void Write(string file, string text) => File.WriteAllText(Of(file), text);
}
