namespace Examples.Tests;

public sealed class HarRecordingsTests
{
    [Fact]
    public void Open_reads_recordings_people_and_raw_samples()
    {
        var recordings = SmallFolder.Open();
        Assert.Equal([new(1, 1, 0, 700), new(2, 1, 700, 125), new(3, 7, 825, 10)], recordings.Recordings);
        Assert.Equal([1, 7], recordings.People);
        Assert.Equal(835, recordings.Samples);
        Assert.Equal(Enumerable.Range(0, 6).Select(c => HarFolders.Value(834, c)), recordings.Raw(834).ToArray());
    }

    [Fact]
    public void People_are_split_as_published()
    {
        Assert.Equal(21, HarRecordings.TrainingPeople.Length);
        Assert.Equal(30, HarRecordings.TrainingPeople.Union(HarRecordings.TestPeople).Count());
    }

    [Fact]
    public void A_missing_folder_is_named() =>
        HarFolders.AssertSays("no-such-folder", "folder 'no-such-folder' does not exist", "name the folder");

    [Theory, InlineData("raw50hz.i16.gz"), InlineData("raw_experiments.csv"), InlineData("raw_labels.csv")]
    public void A_missing_file_is_named(string file)
    {
        using var folder = new SmallFolder();
        File.Delete(folder.Of(file));
        HarFolders.AssertSays(folder.Path, file, "does not exist");
    }

    [Theory, InlineData(0.0), InlineData(0.001), InlineData(0.5), InlineData(0.97)]
    public void A_truncated_gzip_file_is_named(double share)
    {
        using var folder = new SmallFolder();
        HarFolders.Cut(folder.Of("raw50hz.i16.gz"), share);
        HarFolders.AssertSays(folder.Path, "raw50hz.i16.gz", "restore it");
    }

    [Theory, InlineData(834 * 6), InlineData((835 * 6) + 1)]
    public void A_raw_file_of_another_length_is_named(int values)
    {
        using var folder = new SmallFolder();
        HarFolders.WriteRaw(folder.Path, values);
        HarFolders.AssertSays(folder.Path, "raw50hz.i16.gz", "10020 bytes", "restore it");
    }

    [Theory]
    [InlineData("raw50hz.i16.gz", "this is not a gzip file, but long enough to look like one", " is not an intact gzip file")]
    [InlineData("raw_experiments.csv", "experiment,user,offset,length\n", " lists no experiment")]
    public void A_file_of_another_kind_and_a_table_without_rows_are_named(string file, string text, string expected)
    {
        using var folder = new SmallFolder();
        File.WriteAllText(folder.Of(file), text);
        HarFolders.AssertSays(folder.Path, file + expected);
    }

    [Theory]
    [InlineData("raw_experiments.csv", "experiment,user", "user,experiment", "line 1", "the header")]
    [InlineData("raw_experiments.csv", "2,1,700,125", "2,1,700", "line 3", "4 whole numbers")]
    [InlineData("raw_experiments.csv", "2,1,700,125", "2,1,700,many", "line 3", "4 whole numbers")]
    [InlineData("raw_experiments.csv", "2,1,700,125", "2,1,699,125", "line 3", "offset 700")]
    [InlineData("raw_experiments.csv", "2,1,700,125", "1,1,700,125", "line 3", "experiment 1 again")]
    [InlineData("raw_experiments.csv", "2,1,700,125", "0,1,700,125", "line 3", "an experiment from 1")]
    [InlineData("raw_experiments.csv", "3,7,825,10", "3,7,825,2147483647", "line 4", "length")]
    [InlineData("raw_labels.csv", "1,1,7,201,260", "1,1,13,201,260", "line 3", "activity from 1 to 12")]
    [InlineData("raw_labels.csv", "1,1,7,201,260", "1,2,7,201,260", "line 3", "an experiment and its user")]
    [InlineData("raw_labels.csv", "1,1,7,201,260", "9,1,7,201,260", "line 3", "an experiment and its user")]
    [InlineData("raw_labels.csv", "1,1,1,261,700", "1,1,1,261,701", "line 4", "end ≤ 700")]
    [InlineData("raw_labels.csv", "1,1,1,261,700", "1,1,1,0,700", "line 4", "1 ≤ start")]
    public void A_malformed_table_is_named_with_its_line(string file, string from, string to, string line, string expected)
    {
        using var folder = new SmallFolder();
        HarFolders.Replace(folder.Path, file, from, to);
        HarFolders.AssertSays(folder.Path, $"{file} {line}", expected, "restore it");
    }

    [Fact]
    public void The_real_recordings_have_their_published_size_and_first_sample()
    {
        var recordings = HarFolders.OpenReal(out var real);
        Assert.Equal(real ? (1_122_772, 61, 30) : (835, 3, 2),
            (recordings.Samples, recordings.Recordings.Length, recordings.People.Length));
        Assert.Equal(real ? [661, -81, 367, -180, -228, -101] : [-3000, -2000, -1000, 0, 1000, 2000], recordings.Raw(0).ToArray());
    }
}
