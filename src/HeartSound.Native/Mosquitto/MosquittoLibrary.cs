using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>What the installed libmosquitto can do.</summary>
internal static class MosquittoLibrary
{
    // All that is called for MQTT 5; they came with 1.6. JetPack 4 has 1.4.
    private static readonly string[] Mqtt5Functions =
    [
        nameof(MosquittoNative.mosquitto_int_option), nameof(MosquittoNative.mosquitto_publish_v5), nameof(MosquittoNative.mosquitto_publish_v5_callback_set),
        nameof(MosquittoNative.mosquitto_property_add_int32), nameof(MosquittoNative.mosquitto_property_free_all), nameof(MosquittoNative.mosquitto_reason_string),
    ];

    private static readonly Lazy<bool> Mqtt5 = new(() =>
    {
        var library = Libraries.Resolve(Libraries.Mosquitto, typeof(MosquittoLibrary).Assembly, null);
        return Mqtt5Functions.All(name => NativeLibrary.TryGetExport(library, name, out _));
    });

    /// <summary>Whether it speaks MQTT 5.</summary>
    /// <exception cref="NativeLibraryMissingException">libmosquitto is not installed.</exception>
    public static bool HasMqtt5 => Mqtt5.Value;
}
