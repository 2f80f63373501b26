using System.Text;

namespace StreamLearn.Models.Tests;

public sealed class LayerProfileFileTests
{
    private static readonly LayerProfile Profile = new(
        new(3, [new("dense 5", 5, 15, 30, 20), new("relu", 5, 0, 0, 0)]),
        [new(1.25e-6, 0.1 + 0.2, 4096), new(0, 1e-9, 0)], 32, "edge-1", new(2026, 5, 4, 8, 0, 1, 500, TimeSpan.FromHours(2)));

    [Fact]
    public void A_profile_has_its_golden_text() => Assert.Equal(
        """
        {
          "format": "streamlearn-layer-profile",
          "version": 1,
          "machine": "edge-1",
          "date": "2026-05-04T08:00:01.5000000+02:00",
          "rows": 32,
          "inputs": 3,
          "layers": [
            {
              "name": "dense 5",
              "outputs": 5,
              "multiplyAdds": 15,
              "backwardMultiplyAdds": 30,
              "parameters": 20,
              "forwardSeconds": 1.25E-06,
              "backwardSeconds": 0.30000000000000004,
              "peakBytes": 4096
            },
            {
              "name": "relu",
              "outputs": 5,
              "multiplyAdds": 0,
              "backwardMultiplyAdds": 0,
              "parameters": 0,
              "forwardSeconds": 0,
              "backwardSeconds": 1E-09,
              "peakBytes": 0
            }
          ]
        }

        """.ReplaceLineEndings("\n"),
        Encoding.UTF8.GetString(Profile.Save()).ReplaceLineEndings("\n"));

    [Fact]
    public void A_profile_comes_back_as_it_was_saved() => Assert.Equal(Profile, LayerProfile.Load(Profile.Save()));

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "expected version 1, got 2")]
    [InlineData("-profile", "-plan", "expected 'streamlearn-layer-profile' as 'format', got another file")]
    [InlineData("\"rows\": 32", "\"rows\": 0", "rows")]
    [InlineData("\"rows\": 32", "\"rows\": 4294967296", "expected a whole number as 'rows', got 4294967296")]
    [InlineData("\"rows\": 32", "\"rows\": 32, \"rows\": 32", "rows")]
    [InlineData("\"rows\": 32", "\"rows\": 32, \"cores\": 2", "expected 7 settings, got 8")]
    [InlineData("\"rows\": 32", "\"lines\": 32", "expected 'rows', got none")]
    [InlineData("\"rows\": 32", "\"rows\": \"32\"", "expected a whole number as 'rows', got \"32\"")]
    [InlineData("\"machine\": \"edge-1\"", "\"machine\": \"\"", "machine")]
    [InlineData("+02:00", "", "expected a time such as 0001-01-01T00:00:00.0000000+00:00 as 'date', got")]
    [InlineData("\"peakBytes\": 0", "\"peakBytes\": 0, \"more\": 1", "layer 1: expected 8 settings, got 9")]
    [InlineData("\"peakBytes\": 0", "\"peakBytes\": -1", "expected seconds and bytes of 0 or more")]
    [InlineData("\"forwardSeconds\": 0", "\"forwardSeconds\": -1", "expected seconds and bytes of 0 or more")]
    [InlineData("\"forwardSeconds\": 0", "\"forwardSeconds\": 1e999", "expected a number as 'forwardSeconds', got 1e999")]
    [InlineData("\"forwardSeconds\": 0", "\"forwardSeconds\": null", "expected a number as 'forwardSeconds', got null")]
    [InlineData("\"layers\": [", "\"layers\": [1,", "layer 0: expected an object, got 1")]
    public void A_file_that_says_something_else_is_refused(string text, string other, string problem)
    {
        var file = Encoding.UTF8.GetString(Profile.Save());
        Assert.Contains(text, file, StringComparison.Ordinal);
        var e = Assert.Throws<ModelFormatException>(() => LayerProfile.Load(Encoding.UTF8.GetBytes(
            file.Replace(text, other, StringComparison.Ordinal))));
        Assert.StartsWith("model file: layer profile: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_or_has_another_byte_is_refused_or_is_one()
    {
        var file = Profile.Save();
        for (var length = 0; length < file.Length - 2; length++)
        {
            Assert.Throws<ModelFormatException>(() => LayerProfile.Load(file.AsMemory(0, length)));
        }

        var random = new RandomStream(3, "profile-file");
        for (var at = 0; at < file.Length; at++)
        {
            byte[] other = [.. file];
            other[at] = (byte)random.NextInt32(256);
            try
            {
                Assert.NotNull(LayerProfile.Load(other));
            }
            catch (ModelFormatException)
            {
                // refused with a sentence
            }
        }
    }

    [Fact]
    public void A_profile_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new LayerProfile(Profile.Costs, [new(1, 1, 0)], 1, "a", default));
        Assert.Throws<ArgumentException>(() => new LayerProfile(Profile.Costs, [new(1, double.NaN, 0), new(1, 1, 0)], 1, "a", default));
    }
}
