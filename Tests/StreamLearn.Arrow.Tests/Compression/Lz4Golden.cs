namespace StreamLearn.Arrow.Tests;

/// <summary>Frames that lz4 1.9.4 wrote, the reference command line tool, and what is in them.</summary>
internal static class Lz4Golden
{
    /// <summary>Bytes that look random: the same in every run.</summary>
    internal static byte[] Noise(int length)
    {
        var (bytes, state) = (new byte[length], 1U);
        for (var i = 0; i < length; i++)
        {
            state = unchecked((state * 1_664_525) + 1_013_904_223);
            bytes[i] = (byte)(state >> 24);
        }
        return bytes;
    }

    private static byte[] Text() =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(i => $"{i}: the value of sensor {i % 7} is {i * i % 101}\n")));

    /// <summary>More than one block of 64 KiB; the second one may copy what stands 64,564 bytes before, in the first.</summary>
    private static byte[] Far() =>
        [.. new byte[1000], .. Noise(64), .. new byte[64500], .. Noise(64), .. new byte[30000], .. Noise(64), .. new byte[100]];

    internal static byte[] Content(string name) => name switch
    {
        "linked" or "independent" or "all" => Far(),
        "incompressible" => Noise(80),
        "empty" => [],
        _ => Text(),
    };

    internal static byte[] Frame(string name) => Convert.FromBase64String(name switch
    {
        // lz4
        "default" =>
            "BCJNGGRAp9ABAAD/EDA6IHRoZSB2YWx1ZSBvZiBzZW5zb3IgMCBpcyAwCjEeAAMQMR4APzEKMh4AAxAyHgA/NAozHgADEDMeAD85CjQeAAMQNB4ATzE2"
            + "CjUfAAMQNR8ATzI1CjYfAAMQNh8ATzM2CjcfAAMB1QBPNDkKOB8AAwHWAE82NAo5HwADAdcATzgxCjEzAQQB2QBfMTAwCjE2AQQB3ABPMjAKMTgBBAHd"
            + "AE80MwoxOgEEAd4ATzY4CjE8AQQB3wBPOTUKMT0BBAHgAE8yMwoxPgEEAeEATzU0CjE/AQQB4QBPODcKMUABBALgAD8xCjFBAQQB4ABPNTgKMkEBBAHg"
            + "AE85NwoyQAEEAeAAXzM3CjIyoQEDAeAATzgwCjJAAQQB4ABPMjQKMkABBAHgAE83MQoyQAEEAeAATzE5CjJAAQQB4ABPNzAKMkABBAHgAE8yMgoyQAEE"
            + "AeAATzc3CjJAAQQB4ABPMzMKM0ABBAHgAE85MgozQAEEAeAATzUyCjNAAQQC4AA/NAozQAEEAuAAPzkKM0ABBAHgAE80NQozQAEEAeAATzEzCjNAAQQB"
            + "4ABPODQKM0ABBAHgAE81NgozQAEEAeAATzMwCjNAAQRwNCBpcyA2CgAAAABpBIlS",
        // lz4 --no-frame-crc
        "no content checksum" =>
            "BCJNGGBAgtABAAD/EDA6IHRoZSB2YWx1ZSBvZiBzZW5zb3IgMCBpcyAwCjEeAAMQMR4APzEKMh4AAxAyHgA/NAozHgADEDMeAD85CjQeAAMQNB4ATzE2"
            + "CjUfAAMQNR8ATzI1CjYfAAMQNh8ATzM2CjcfAAMB1QBPNDkKOB8AAwHWAE82NAo5HwADAdcATzgxCjEzAQQB2QBfMTAwCjE2AQQB3ABPMjAKMTgBBAHd"
            + "AE80MwoxOgEEAd4ATzY4CjE8AQQB3wBPOTUKMT0BBAHgAE8yMwoxPgEEAeEATzU0CjE/AQQB4QBPODcKMUABBALgAD8xCjFBAQQB4ABPNTgKMkEBBAHg"
            + "AE85NwoyQAEEAeAAXzM3CjIyoQEDAeAATzgwCjJAAQQB4ABPMjQKMkABBAHgAE83MQoyQAEEAeAATzE5CjJAAQQB4ABPNzAKMkABBAHgAE8yMgoyQAEE"
            + "AeAATzc3CjJAAQQB4ABPMzMKM0ABBAHgAE85MgozQAEEAeAATzUyCjNAAQQC4AA/NAozQAEEAuAAPzkKM0ABBAHgAE80NQozQAEEAeAATzEzCjNAAQQB"
            + "4ABPODQKM0ABBAHgAE81NgozQAEEAeAATzMwCjNAAQRwNCBpcyA2CgAAAAA=",
        // lz4 -BX
        "block checksums" =>
            "BCJNGHRAvdABAAD/EDA6IHRoZSB2YWx1ZSBvZiBzZW5zb3IgMCBpcyAwCjEeAAMQMR4APzEKMh4AAxAyHgA/NAozHgADEDMeAD85CjQeAAMQNB4ATzE2"
            + "CjUfAAMQNR8ATzI1CjYfAAMQNh8ATzM2CjcfAAMB1QBPNDkKOB8AAwHWAE82NAo5HwADAdcATzgxCjEzAQQB2QBfMTAwCjE2AQQB3ABPMjAKMTgBBAHd"
            + "AE80MwoxOgEEAd4ATzY4CjE8AQQB3wBPOTUKMT0BBAHgAE8yMwoxPgEEAeEATzU0CjE/AQQB4QBPODcKMUABBALgAD8xCjFBAQQB4ABPNTgKMkEBBAHg"
            + "AE85NwoyQAEEAeAAXzM3CjIyoQEDAeAATzgwCjJAAQQB4ABPMjQKMkABBAHgAE83MQoyQAEEAeAATzE5CjJAAQQB4ABPNzAKMkABBAHgAE8yMgoyQAEE"
            + "AeAATzc3CjJAAQQB4ABPMzMKM0ABBAHgAE85MgozQAEEAeAATzUyCjNAAQQC4AA/NAozQAEEAuAAPzkKM0ABBAHgAE80NQozQAEEAeAATzEzCjNAAQQB"
            + "4ABPODQKM0ABBAHgAE81NgozQAEEAeAATzMwCjNAAQRwNCBpcyA2Cu4rmNwAAAAAaQSJUg==",
        // lz4 -BD -B4
        "linked" =>
            "BCJNGERAXlIBAAAfAAEA////1/8xPF6BtAxexo4Eo0Bsl9Y8+9xTrog3GhJRIbWVYUPA7i1V+2OMd/7gtvX5J1+vKX4sl99UBPM71AZiC1ghz2glnCcE"
            + "////1w8CAP//////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////0VAAAAAA"
            + "AIgAAAAfAAEACA80/P//////////////////////////////////////////////////////////////////////////////////////////////////"
            + "/////////////////////////////////////////////////////////9IPcHWMUAAAAAAAAAAAAIHdj9g=",
        // lz4 -BI -B4
        "independent" =>
            "BCJNGGRAp1IBAAAfAAEA////1/8xPF6BtAxexo4Eo0Bsl9Y8+9xTrog3GhJRIbWVYUPA7i1V+2OMd/7gtvX5J1+vKX4sl99UBPM71AZiC1ghz2glnCcE"
            + "////1w8CAP//////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////0VAAAAAA"
            + "AM0AAAAfAAEACP8xPF6BtAxexo4Eo0Bsl9Y8+9xTrog3GhJRIbWVYUPA7i1V+2OMd/7gtvX5J1+vKX4sl99UBPM71AZiC1ghz2glnFsACA8CAP//////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "/////////////////////////////////3cPcHWMUAAAAAAAAAAAAIHdj9g=",
        // lz4 --content-size
        "content size" =>
            "BCJNGGxA8gQAAAAAAADA0AEAAP8QMDogdGhlIHZhbHVlIG9mIHNlbnNvciAwIGlzIDAKMR4AAxAxHgA/MQoyHgADEDIeAD80CjMeAAMQMx4APzkKNB4A"
            + "AxA0HgBPMTYKNR8AAxA1HwBPMjUKNh8AAxA2HwBPMzYKNx8AAwHVAE80OQo4HwADAdYATzY0CjkfAAMB1wBPODEKMTMBBAHZAF8xMDAKMTYBBAHcAE8y"
            + "MAoxOAEEAd0ATzQzCjE6AQQB3gBPNjgKMTwBBAHfAE85NQoxPQEEAeAATzIzCjE+AQQB4QBPNTQKMT8BBAHhAE84NwoxQAEEAuAAPzEKMUEBBAHgAE81"
            + "OAoyQQEEAeAATzk3CjJAAQQB4ABfMzcKMjKhAQMB4ABPODAKMkABBAHgAE8yNAoyQAEEAeAATzcxCjJAAQQB4ABPMTkKMkABBAHgAE83MAoyQAEEAeAA"
            + "TzIyCjJAAQQB4ABPNzcKMkABBAHgAE8zMwozQAEEAeAATzkyCjNAAQQB4ABPNTIKM0ABBALgAD80CjNAAQQC4AA/OQozQAEEAeAATzQ1CjNAAQQB4ABP"
            + "MTMKM0ABBAHgAE84NAozQAEEAeAATzU2CjNAAQQB4ABPMzAKM0ABBHA0IGlzIDYKAAAAAGkEiVI=",
        // lz4 -9 -B5
        "high" =>
            "BCJNGGRAp4gBAAD/EDA6IHRoZSB2YWx1ZSBvZiBzZW5zb3IgMCBpcyAwCjEeAAMQMR4APzEKMh4AAxAyHgA/NAozHgADEDMeAD85CjQeAAMRNFoAPzYK"
            + "NR8AAxA1HwBPMjUKNh8AAxA2HwBPMzYKN9UACE80OQo41gAITzY0CjnXAAhfODEKMTDZAAhvMTAwCjEx3AAIXzIwCjEy3QAIXzQzCjEz3gAIXzY4CjE0"
            + "3wAIXzk1CjE14AAIXzIzCjE24QAIXzU0CjE34QAIXzg3CjE44AAJTzEKMTngAAhfNTgKMjDgAAhfOTcKMjHgAAhfMzcKMjLgAAhfODAKMjPgAAhfMjQK"
            + "MjTgAAhfNzEKMjWcAglPOQoyNuAACF83MAoyN+AACF8yMgoyOOAACF83NwoyOeAACF8zMwozMOAACF85MgozMeAACF81MgozMuAACU80CjMz4AAJTzkK"
            + "MzTgAAhfNDUKMzXgAAhfMTMKMzbAAQlPNAozN6ACCU82CjM44AAITzMwCjNAAQRwNCBpcyA2CgAAAABpBIlS",
        // lz4
        "incompressible" =>
            "BCJNGGRAp1AAAIA8XoG0DF7GjgSjQGyX1jz73FOuiDcaElEhtZVhQ8DuLVX7Y4x3/uC29fknX68pfiyX31QE8zvUBmILWCHPaCWcy+4CB//NdGSr97t9"
            + "aiXmvwAAAABgUlik",
        // lz4
        "empty" => "BCJNGGRApwAAAAAFXcwC",
        // lz4 -BD -B4 -BX --content-size
        "all" =>
            "BCJNGFxAMHYBAAAAAACXUgEAAB8AAQD////X/zE8XoG0DF7GjgSjQGyX1jz73FOuiDcaElEhtZVhQ8DuLVX7Y4x3/uC29fknX68pfiyX31QE8zvUBmIL"
            + "WCHPaCWcJwT////XDwIA////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "///RUAAAAAAA1qm1VogAAAAfAAEACA80/P//////////////////////////////////////////////////////////////////////////////////"
            + "/////////////////////////////////////////////////////////////////////////9IPcHWMUAAAAAAAsV1vjgAAAACB3Y/Y",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    });
}
