namespace Examples.Tests;

/// <summary>The layout of the original download.</summary>
public sealed class HarTextTests
{
    [Fact]
    public void Open_reads_the_text_files_whichever_of_the_two_folders_is_named()
    {
        using var folder = TextFolder.Small();

        foreach (var path in new[] { folder.Path, folder.Raw })
        {
            var recordings = HarRecordings.Open(path);
            Assert.Equal([new(1, 1, 0, 4), new(2, 1, 4, 2), new(13, 7, 6, 3)], recordings.Recordings);
            Assert.Equal([661, -81, 367, -180, -228, -101], recordings.Raw(0).ToArray());
            Assert.Equal([720, -720, 0, 0, 0, 0], recordings.Raw(1).ToArray());
            Assert.Equal([360, 180, -360, 32767, -32768, 0], recordings.Raw(2).ToArray());
            Assert.Equal([0, 0, 0, 1, 0, 0], recordings.Raw(3).ToArray());
            Assert.Equal([0, 0, 720, 0, 0, 0], recordings.Raw(4).ToArray());
            Assert.Equal([4, 4, -1, -1, -1, -1], Labels(recordings, 1));
            Assert.Equal([-1, 0, 0], Labels(recordings, 7));
        }
    }

    [Fact]
    public void Text_and_packed_files_give_the_same_recordings()
    {
        var packed = HarFolders.OpenReal(out var real);
        using var folder = TextFolder.Of(packed, HarFolders.LabelsAsText(real));
        var text = HarRecordings.Open(folder.Path);
        Assert.Equal(packed.Recordings, text.Recordings);
        for (var i = 0; i < packed.Samples; i++)
        {
            if (!packed.Raw(i).SequenceEqual(text.Raw(i))) { Assert.Fail($"sample {i} differs"); }
        }
        Assert.All(packed.People, person => Assert.Equal(Labels(packed, person), Labels(text, person)));
    }

    [Fact]
    public void Packed_files_are_read_where_a_folder_holds_both()
    {
        using var folder = TextFolder.Small();
        using var packed = new SmallFolder();
        foreach (var file in Directory.GetFiles(packed.Path)) { File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file))); }
        Assert.Equal(835, HarRecordings.Open(folder.Path).Samples);
        Assert.Equal(9, HarRecordings.Open(folder.Raw).Samples);
    }

    [Theory]
    [InlineData("acc_exp02_user01.txt", "0 0 1\n0 0\n", "line 2", "three decimals from -45.51 to 45.51 g")]
    [InlineData("acc_exp02_user01.txt", "0 0 1\n0 0 1 1\n", "line 2", "three decimals")]
    [InlineData("acc_exp02_user01.txt", "0 0 1\n\n0 0 one\n", "line 3", "'0 0 one'")]
    [InlineData("acc_exp02_user01.txt", "0 0 1x\n0 0 1\n", "line 1", "three decimals")]
    [InlineData("acc_exp02_user01.txt", "0,0,1\n0 0 1\n", "line 1", "three decimals")]
    [InlineData("acc_exp02_user01.txt", "0 0 NaN\n0 0 1\n", "line 1", "three decimals")]
    [InlineData("acc_exp02_user01.txt", "0 0 46\n0 0 1\n", "line 1", "three decimals")]
    [InlineData("acc_exp02_user01.txt", "0 0 -1e400\n0 0 1\n", "line 1", "three decimals")]
    [InlineData("gyro_exp02_user01.txt", "0 0 0\n0 0 11\n", "line 2", "three decimals from -10.01 to 10.01 rad/s")]
    [InlineData("gyro_exp02_user01.txt", "0 0 0\n", "ends after 1 rows", "acc_exp02_user01.txt has 2")]
    [InlineData("acc_exp02_user01.txt", "0 0 0\n", "ends after 1 rows", "gyro_exp02_user01.txt has 2")]
    [InlineData("acc_exp02_user01.txt", "", "is empty", "a row of three decimals")]
    [InlineData("acc_exp02_user01.txt", "\n \r\n", "is empty", "a row of three decimals")]
    [InlineData("labels.txt", "1 1 5 1\n", "line 1", "5 whole numbers 'experiment user activity start end'")]
    [InlineData("labels.txt", "1 1 5 1 2\n1 1 five 3 4\n", "line 2", "5 whole numbers")]
    [InlineData("labels.txt", "1 2 5 1 2\n", "line 1", "an experiment and its user")]
    [InlineData("labels.txt", "3 1 5 1 2\n", "line 1", "an experiment and its user")]
    [InlineData("labels.txt", "1 1 13 1 2\n", "line 1", "an activity from 1 to 12")]
    [InlineData("labels.txt", "1 1 5 0 2\n", "line 1", "1 ≤ start ≤ end ≤ 4")]
    [InlineData("labels.txt", "1 1 5 1 5\n", "line 1", "1 ≤ start ≤ end ≤ 4")]
    public void A_malformed_file_is_named_with_its_line_and_what_to_do(string file, string text, params string[] expected)
    {
        using var folder = TextFolder.Small();
        folder.Write(file, text);
        HarFolders.AssertSays(folder.Path, [file, .. expected, "restore it from the data set"]);
    }

    [Theory, InlineData("gyro_exp13_user07.txt"), InlineData("acc_exp13_user07.txt"), InlineData("labels.txt")]
    public void A_missing_file_is_named(string file)
    {
        using var folder = TextFolder.Small();
        File.Delete(folder.Of(file));
        HarFolders.AssertSays(folder.Path, file, "does not exist", "name the folder");
    }

    [Theory]
    [InlineData("acc_exp1_user01.txt", "expected a name such as acc_exp01_user01.txt", "published name")]
    [InlineData("gyro_exp03_userx.txt", "expected a name such as gyro_exp01_user01.txt", "published name")]
    [InlineData("acc_exp03_user01_user02.txt", "expected a name such as acc_exp01_user01.txt", "published name")]
    [InlineData("acc_exp00_user01.txt", "expected a name such as acc_exp01_user01.txt", "published name")]
    [InlineData("acc_exp13_user08.txt", "experiment 13 also belongs to user", "remove files")]
    public void A_file_of_another_name_is_refused(string file, params string[] expected)
    {
        using var folder = TextFolder.Small();
        folder.Write(file, "0 0 0\n");
        HarFolders.AssertSays(folder.Path, expected);
    }

    [Fact]
    public void A_folder_without_recordings_is_told_from_one_without_its_files()
    {
        using var folder = TextFolder.Small();
        foreach (var file in Directory.GetFiles(folder.Raw, "*_exp*")) { File.Delete(file); }
        HarFolders.AssertSays(folder.Path, "holds labels.txt and no file such as acc_exp01_user01.txt");
        File.Delete(folder.Of("labels.txt"));
        HarFolders.AssertSays(folder.Path, "holds no recordings", "raw50hz.i16.gz", "RawData of the original download");
    }

    private static List<int> Labels(HarRecordings recordings, int person)
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHar(recordings, person, new() { BatchRows = 5000 }));
        var labels = new List<int>();
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            var label = batch["label"];
            for (var row = 0; row < batch.Rows; row++) { labels.Add(label.IsValid(row) ? label.Values<int>()[row] : -1); }
        }
        return labels;
    }
}
