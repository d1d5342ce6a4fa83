/** A certificate of localhost by itself, valid from 2020 to 2120, and its key; for tests alone. */
export function selfSigned(): { readonly cert: string; readonly key: string } {
  return { cert, key };
}

const cert = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH3V8sQiCcL7cf8X
C27ZqbfJGV67dyrugrzwFx02/eb0PwVuyEzSPMHdSncyYqu6m6hcGDfWFAKKQhjF
ITZoKnqjTjBMMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0
hwR/AAABMB0GA1UdDgQWBBRkHHZLo4u8drv7msQUjHgzkUScDzAKBggqhkjOPQQD
AgNJADBGAiEAllkGmYrETblvNRvJiOTLClC6jf4kVjMLWVuPkf0y92ICIQCe5+lZ
p3unfaUUq2thPoIJwZyrVlh06Zh9NyoqvUcwwA==
-----END CERTIFICATE-----
`;

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguEoD88zoFAE12Etl
f+h6U8cW7hNajh9L/HsGflQyRl6hRANCAAR91fLEIgnC+3H/Fwtu2am3yRleu3cq
7oK88BcdNv3m9D8FbshM0jzB3Up3MmKrupuoXBg31hQCikIYxSE2aCp6
-----END PRIVATE KEY-----
`;
